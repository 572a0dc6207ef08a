import { z } from "zod";
import { CONSENT } from "./consent-schema.ts";
import { ENVIRONMENT, EVENT_NAME, FLAG, whole } from "./field-rules.ts";
import { LANE } from "./lane-schema.ts";
import { COUNTRY } from "./place-schema.ts";
import { SENSITIVE_DATA } from "./sensitive-data-schema.ts";
import { SOURCE } from "./source-schema.ts";

/** CloudWatch Logs takes no other numbers of days. */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Which events wait for their other copy, and for how long. */
export const MERGE = z.strictObject({
  events: z
    .array(
      z
        .string("must be an event name")
        .min(1, "must be an event name")
        .refine((name) => name !== "identify", "must be an event that is delivered")
        .refine((name) => name !== "custom", "must be the custom event's own name"),
      "must be a list of event names",
    )
    .default(["purchase", "lead"]),
  windowSeconds: whole(1, 900).optional(),
});

/** For how long every accepted event is kept, and how soon it can be read. */
export const ARCHIVE = z.strictObject({ days: whole(1, 3650).default(30), bufferSeconds: whole(0, 900).optional() });

/** The configuration's shape and the rules of single fields; rules across fields are in `cross-field-rules.ts`. */
export const CONFIG = z.strictObject({
  environment: ENVIRONMENT,
  production: FLAG.optional(),
  sources: z.record(z.string(), SOURCE, "must map source ids to sources"),
  destinations: z.record(z.string(), LANE, "must map lane ids to destinations"),
  consent: CONSENT.prefault({}),
  sensitiveData: SENSITIVE_DATA.prefault({}),
  defaultCountry: COUNTRY.optional(),
  keyEvents: z.array(EVENT_NAME, "must be a list of event names").default(["purchase", "lead"]),
  merge: z.union([z.literal(false), MERGE], "must be false, or an object with events and windowSeconds").prefault({}),
  alarms: z
    .strictObject({
      emails: z.array(z.email("must be an e-mail address"), "must be a list of addresses").default([]),
      silentHours: whole(0, 168).default(24),
    })
    .prefault({}),
  delivery: z
    .strictObject({
      retryHours: whole(1, 312).default(24),
      firstRetrySeconds: whole(1, 900).default(10),
      longestRetrySeconds: whole(1, 36_000).default(3_600),
    })
    .prefault({}),
  retention: z
    .strictObject({
      deliveryDays: whole(7, 3650).default(30),
      identityDays: whole(1, 3650).default(180),
      quarantineDays: whole(1, 3650).default(14),
      logDays: z
        .number("must be a number")
        .refine((days) => LOG_DAYS.includes(days), `must be one of ${LOG_DAYS.join(", ")}`)
        .default(30),
    })
    .prefault({}),
  archive: z.union([z.literal(false), ARCHIVE], "must be false, or an object with days and bufferSeconds").prefault({}),
  identity: z
    .strictObject({ sharedAcross: z.enum(["all", "scope"], 'must be "all" or "scope"').default("all") })
    .prefault({}),
  logs: z.strictObject({ eventShare: z.number().min(0).max(1).optional() }).prefault({}),
  ingest: z
    .strictObject({ rateLimit: whole(1, 10_000).default(500), burstLimit: whole(1, 5_000).default(1_000) })
    .prefault({}),
});

/** The configuration with its defaults filled in. */
export type ParsedConfig = z.infer<typeof CONFIG>;
