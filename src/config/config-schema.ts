import { z } from "zod";
import { CONSENT_PURPOSES } from "../core/consent.ts";
import { CONSENT_BEHAVIOURS } from "../core/consent-behaviour.ts";
import { EVENT_NAMES } from "../core/event.ts";
import { UNKNOWN_PLACE } from "../core/event-places.ts";
import { BLOCKABLE_FIELD } from "../core/sensitive-data.ts";
import { EVENT_MAPPING } from "./event-mapping-schema.ts";

/** Longest names that still fit `tracklayer-<environment>-deliver-<lane>` into the 64 characters of a function name. */
const ENVIRONMENT_LENGTH = 16;
const ID_LENGTH = 24;

/** CloudWatch Logs takes no other numbers of days. */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

function label(length: number) {
  return z
    .string("must be a text")
    .regex(
      /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
      "must be lower-case letters, digits and inner hyphens, starting with a letter",
    )
    .max(length, `must be at most ${length} characters`);
}

/** Rule for ids of sources and lanes. */
export const ID = label(ID_LENGTH);

const SECRET_NAME = z
  .string("must be a text")
  .regex(/^[A-Za-z0-9/_+=.@-]{1,200}$/, "must be a Secrets Manager name: letters, digits and /_+=.@-, at most 200");

const PURPOSE = z.enum(CONSENT_PURPOSES, `must be one of ${CONSENT_PURPOSES.join(", ")}`);
const STRICTER_THAN_ALL = ["limited", "without_identifiers", "drop"] as const;
const CONSENT_VALUE = z.enum(["granted", "denied"], 'must be "granted" or "denied"');
const EVENT_NAME = z.enum(EVENT_NAMES, "must be a canonical event name");
const REGION_NAMES = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** Two-letter codes that people write and events never carry: the standard knows neither as a country. */
const NOT_COUNTRIES = ["EU", "UK"];

function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && !NOT_COUNTRIES.includes(code) && REGION_NAMES.of(code) !== undefined;
}

function isRegion(code: string): boolean {
  return /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code) && isCountry(code.slice(0, 2));
}

const COUNTRY_RULE = "must be an ISO 3166-1 alpha-2 code in upper case (the United Kingdom is GB)";
const COUNTRY = z.string("must be a text").refine(isCountry, COUNTRY_RULE);
const RULE_PLACE = z
  .string("must be a text")
  .refine(
    (code) => ["EEA", UNKNOWN_PLACE, "*"].includes(code) || isCountry(code) || isRegion(code),
    `${COUNTRY_RULE}, one of its regions by ISO 3166-2, such as US-CA, "EEA", "unknown" or "*"`,
  );

function whole(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z.int(rule).min(min, rule).max(max, rule);
}

const FLAG = z.boolean("must be true or false");

/** True for `https://host[:port]`, and for `http://` on this machine only; nothing after the port, no wildcard. */
function isExactOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  // `URL.origin` lower-cases the host, drops default ports and the path: only an exact origin survives the round trip.
  if (url.origin !== value || value.includes("*")) return false;
  const local = url.hostname === "localhost" || url.hostname === "127.0.0.1";
  return url.protocol === "https:" || (url.protocol === "http:" && local);
}

const ORIGIN = z
  .string("must be a text")
  .refine(isExactOrigin, "must be an exact origin, https://host[:port] (http only for localhost), without path or *");

const SOURCE = z.strictObject({
  kind: z.enum(["browser", "app", "server"], 'must be "browser", "app" or "server"'),
  origins: z.array(ORIGIN, "must be a list of origins").default([]),
  dedupScope: ID.optional(),
  identityScope: ID.optional(),
  keySecret: SECRET_NAME.optional(),
  /** Absent: none. */
  rateLimit: whole(1, 10_000).optional(),
  purchaseEventId: z.enum(["message_id", "order_id"], 'must be "message_id" or "order_id"').default("order_id"),
  valueFrom: z
    .array(z.enum(["revenue", "total", "value"], "must be revenue, total or value"))
    .min(1, "must name at least one amount")
    .default(["revenue", "total", "value"]),
});

const BLOCKABLE = z
  .string("must be a text")
  .regex(
    BLOCKABLE_FIELD,
    "must be a field that an event can do without: page.url, page.referrer, page.title, search_term, coupon, " +
      "payment_type, method, items.<text>, user.<name, place, birth date or gender>, properties.<path>",
  );

const BEHAVIOUR = z.enum(CONSENT_BEHAVIOURS, `must be one of ${CONSENT_BEHAVIOURS.join(", ")}`);
const WHEN_DENIED = z
  .partialRecord(PURPOSE, BEHAVIOUR)
  .refine((behaviours) => Object.keys(behaviours).length > 0, "must name at least one purpose");

/** Which events an entry is for. */
const SCOPE = {
  events: z.array(z.string().min(1), "must be a list of event names").min(1, "must name at least one").optional(),
  countries: z.array(RULE_PLACE, "must be a list of countries").min(1, "must name at least one country").optional(),
  sources: z.array(z.string().min(1), "must be a list of source ids").min(1, "must name at least one").optional(),
};

const LANE_CONSENT_RULE = z.strictObject({
  name: ID.optional(),
  ...SCOPE,
  require: z.array(PURPOSE).min(1, "must name at least one purpose").optional(),
  whenDenied: WHEN_DENIED.optional(),
  send: z.enum(STRICTER_THAN_ALL, `must be one of ${STRICTER_THAN_ALL.join(", ")}`).optional(),
  denyFields: z.array(BLOCKABLE, "must be a list of fields").min(1, "must name at least one").optional(),
  allowFields: z.array(BLOCKABLE, "must be a list of fields").optional(),
});

const BECAUSE = z.string("must be a text").trim().min(10, "must say why in at least 10 characters").max(300);

const OVERRIDE = z.strictObject({
  name: ID,
  destination: z.string("must be a text"),
  because: BECAUSE,
  whenDenied: WHEN_DENIED,
  ...SCOPE,
});

const DESTINATION = z.strictObject({
  type: z.string("must be a text").optional(),
  /** Checked by the destination's own schema. */
  settings: z.unknown().optional(),
  secret: SECRET_NAME.optional(),
  events: z.partialRecord(EVENT_NAME, EVENT_MAPPING).default({}),
  customEvents: z.record(z.string().min(1), EVENT_MAPPING).default({}),
  consent: z.array(PURPOSE).optional(),
  consentRules: z.array(LANE_CONSENT_RULE, "must be a list of rules").default([]),
  testMode: FLAG.default(false),
  readBackQuality: FLAG.default(false),
  /** Absent: as the destination asks. */
  batchWindowSeconds: whole(0, 300).optional(),
  maxConcurrency: whole(2, 1000).default(5),
});

const CONSENT_RULE = z.strictObject({
  name: ID.optional(),
  because: BECAUSE.optional(),
  countries: z.array(RULE_PLACE, "must be a list of countries").min(1, "must name at least one country"),
  purposes: z.union(
    [CONSENT_VALUE, z.record(PURPOSE, CONSENT_VALUE)],
    `must be "granted", "denied", or one of the two for each of ${CONSENT_PURPOSES.join(", ")}`,
  ),
});

const HEADER_NAME = z.string("must be a text").regex(/^[A-Za-z0-9-]{1,100}$/, "must be the name of a header");

const GEO_HEADERS = z.strictObject({
  country: HEADER_NAME,
  region: HEADER_NAME.optional(),
  address: HEADER_NAME.optional(),
});

const CONSENT = z.strictObject({
  defaults: z
    .array(CONSENT_RULE, "must be a list of rules")
    .min(1, "must hold at least the rule for *")
    .default([
      { countries: ["EEA", "GB", "CH"], purposes: "denied" },
      { countries: ["*"], purposes: "granted" },
    ]),
  geoHeaders: z
    .union(
      [z.literal("cloudfront"), GEO_HEADERS],
      'must be "cloudfront", or an object with the names of headers: country, and if there are any, region and address',
    )
    .optional(),
  honourGpc: FLAG.default(true),
  categories: z.record(z.string().min(1), z.array(PURPOSE)).default({}),
  overrides: z.array(OVERRIDE, "must be a list of overrides").default([]),
});

const WORD = z.string("must be a text").regex(/[\p{L}\p{N}]/u, "must hold a letter or a digit");

const SENSITIVE_DATA = z.strictObject({
  healthTerms: z
    .enum(["off", "drop_field", "drop_event"], 'must be "off", "drop_field" or "drop_event"')
    .default("off"),
  moreHealthTerms: z.array(WORD, "must be a list of words").default([]),
  blockedFields: z.array(BLOCKABLE, "must be a list of fields").default([]),
  searchTerms: z.enum(["keep", "drop"], 'must be "keep" or "drop"').default("keep"),
});

const MERGE = z.strictObject({
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

/** The configuration's shape and the rules of single fields; rules across fields are in `resolve-config.ts`. */
export const CONFIG = z.strictObject({
  environment: label(ENVIRONMENT_LENGTH),
  production: FLAG.optional(),
  sources: z.record(z.string(), SOURCE, "must map source ids to sources"),
  destinations: z.record(z.string(), DESTINATION, "must map lane ids to destinations"),
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
  archive: z
    .union(
      [z.literal(false), z.strictObject({ days: whole(1, 3650).default(30), bufferSeconds: whole(0, 900).optional() })],
      "must be false, or an object with days and bufferSeconds",
    )
    .prefault({}),
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

/** Field names known at a place of the configuration, for suggestions. */
export function knownFields(path: readonly PropertyKey[]): readonly string[] {
  const [first, , third] = path;
  if (path.length === 0) return Object.keys(CONFIG.shape);
  if (path.at(-1) === "whenDenied" || path.at(-1) === "purposes") return CONSENT_PURPOSES;
  if (first === "sources" && third === undefined) return Object.keys(SOURCE.shape);
  if (first === "destinations" && third === undefined) return Object.keys(DESTINATION.shape);
  if (first === "destinations" && third === "consentRules") return Object.keys(LANE_CONSENT_RULE.shape);
  if (first === "destinations") return path.length === 3 ? EVENT_NAMES : ["name", "onlyIf", "value"];
  if (first === "consent" && path.length === 1) return Object.keys(CONSENT.shape);
  if (path[1] === "geoHeaders") return Object.keys(GEO_HEADERS.shape);
  if (first === "consent") return Object.keys(path[1] === "overrides" ? OVERRIDE.shape : CONSENT_RULE.shape);
  if (first === "merge") return Object.keys(MERGE.shape);
  const group = {
    alarms: CONFIG.shape.alarms,
    delivery: CONFIG.shape.delivery,
    retention: CONFIG.shape.retention,
    logs: CONFIG.shape.logs,
    ingest: CONFIG.shape.ingest,
    sensitiveData: CONFIG.shape.sensitiveData,
  }[String(first)];
  return group === undefined ? [] : Object.keys(group.unwrap().shape);
}
