import type { Problem, Rule } from "../../rules.ts";

/** What is wrong with one event, with the `ErrorReason` that Google gives; only a warning when it is taken all the same. */
export interface GoogleProblem {
  /** In the JSON names of the event; empty for the event itself. */
  readonly path: string;
  readonly message: string;
  readonly reason: string;
  readonly isWarning?: boolean;
}

/** A list that must not be empty when it is there. */
export function filled(rule: Rule): Rule {
  return (value) => (Array.isArray(value) && value.length === 0 ? "must not be an empty array" : rule(value));
}

const REASONS: Readonly<Record<string, string>> = {
  emailAddress: "INVALID_SHA256_FORMAT",
  phoneNumber: "INVALID_SHA256_FORMAT",
  givenName: "INVALID_SHA256_FORMAT",
  familyName: "INVALID_SHA256_FORMAT",
  regionCode: "INVALID_REGION_CODE",
  postalCode: "INVALID_POSTAL_CODE",
  currency: "INVALID_CURRENCY_CODE",
  eventTimestamp: "EVENT_TIME_INVALID",
  eventSource: "INVALID_ENUM_VALUE",
  adUserData: "INVALID_ENUM_VALUE",
  adPersonalization: "INVALID_ENUM_VALUE",
  merchantId: "INVALID_MERCHANT_ID",
  destinationReferences: "INVALID_DESTINATION",
};

/** A broken rule with the reason that Google gives for a field of that name. */
export function withReason({ path, message, kind }: Problem): GoogleProblem {
  const field = /(\w+)(?:\[\d+\])?$/.exec(path)?.[1] ?? "";
  const reasons = { missing: "REQUIRED_FIELD_MISSING", unknown: "INVALID_ARGUMENT", value: REASONS[field] };
  return { path, message, reason: reasons[kind] ?? "INVALID_FORMAT" };
}
