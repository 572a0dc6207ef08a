import { byDefault, type Field, listOf, oneOf, settingsFrom } from "../../core/settings-schema.ts";

/**
 * Hosts of the two regions. An account lives in one; the other's host refuses it, or redirects with the person's data
 * having crossed the ocean already. Source: https://docs.customer.io/api/track/
 */
export const TRACK_HOSTS = { us: "track.customer.io", eu: "track-eu.customer.io" } as const;

/** What a person can be found by. Phones only where the workspace has made them an identifier. */
const WAYS = ["id", "email", "phone", "anonymous_id"] as const;
export type WayToIdentify = (typeof WAYS)[number];

/** What a user says of a Customer.io lane. */
export interface CustomerIoSettings {
  /** Where the account's data is kept. */
  region: keyof typeof TRACK_HOSTS;
  /** What to identify people by: the first of these that an event knows. */
  identifyBy: WayToIdentify[];
  /**
   * Which events also update the person's attributes: those in which people say who they are (leads, registrations,
   * purchases ...), every event, or none.
   */
  profiles: "contact_events" | "always" | "never";
}

/** Reads and checks the settings of a Customer.io lane. */
export const customerIoSettings = settingsFrom<CustomerIoSettings>({
  region: oneOf(["us", "eu"]),
  identifyBy: byDefault(distinct(listOf(oneOf(WAYS))), ["id", "email", "anonymous_id"]),
  profiles: byDefault(oneOf(["contact_events", "always", "never"]), "contact_events"),
});

function distinct<Value>(list: Field<Value[]>): Field<Value[]> {
  return (given, field, issues) => {
    const values = list(given, field, issues);
    const isGood = values.length > 0 && new Set(values).size === values.length;
    if (Array.isArray(given) && !isGood) {
      issues.push({ field, rule: "must name each way once, and at least one", got: JSON.stringify(given) });
    }
    return values;
  };
}
