import { z } from "zod";
import { CONSENT_PURPOSES } from "../core/consent.ts";
import { CONSENT_BEHAVIOURS } from "../core/consent-behaviour.ts";
import { FLAG, ID } from "./field-rules.ts";
import { RULE_PLACE } from "./place-schema.ts";
import { BLOCKABLE } from "./sensitive-data-schema.ts";

/** What a person may be asked to consent to. */
export const PURPOSE = z.enum(CONSENT_PURPOSES, `must be one of ${CONSENT_PURPOSES.join(", ")}`);

const STRICTER_THAN_ALL = ["limited", "without_identifiers", "drop"] as const;
const CONSENT_VALUE = z.enum(["granted", "denied"], 'must be "granted" or "denied"');

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

/** One of a lane's own rules; whether its destination takes what it asks for is checked where lanes are resolved. */
export const LANE_CONSENT_RULE = z.strictObject({
  name: ID.optional(),
  ...SCOPE,
  require: z.array(PURPOSE).min(1, "must name at least one purpose").optional(),
  whenDenied: WHEN_DENIED.optional(),
  send: z.enum(STRICTER_THAN_ALL, `must be one of ${STRICTER_THAN_ALL.join(", ")}`).optional(),
  denyFields: z.array(BLOCKABLE, "must be a list of fields").min(1, "must name at least one").optional(),
  allowFields: z.array(BLOCKABLE, "must be a list of fields").optional(),
});

const BECAUSE = z.string("must be a text").trim().min(10, "must say why in at least 10 characters").max(300);

/** A named exception by which a lane gets more than its declaration lets through. */
export const OVERRIDE = z.strictObject({
  name: ID,
  destination: z.string("must be a text"),
  because: BECAUSE,
  whenDenied: WHEN_DENIED,
  ...SCOPE,
});

/** What an absent answer means in some countries. */
export const CONSENT_RULE = z.strictObject({
  name: ID.optional(),
  because: BECAUSE.optional(),
  countries: z.array(RULE_PLACE, "must be a list of countries").min(1, "must name at least one country"),
  purposes: z.union(
    [CONSENT_VALUE, z.record(PURPOSE, CONSENT_VALUE)],
    `must be "granted", "denied", or one of the two for each of ${CONSENT_PURPOSES.join(", ")}`,
  ),
});

const HEADER_NAME = z.string("must be a text").regex(/^[A-Za-z0-9-]{1,100}$/, "must be the name of a header");

/** Headers in which one's own proxy says where a visitor is. */
export const GEO_HEADERS = z.strictObject({
  country: HEADER_NAME,
  region: HEADER_NAME.optional(),
  address: HEADER_NAME.optional(),
});

/** Everything about consent that is not of one lane. */
export const CONSENT = z.strictObject({
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
