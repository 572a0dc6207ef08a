import type { QuarantinedEvent } from "../../src/core/delivery-record.ts";
import { personKeys } from "../../src/core/person-keys.ts";

/** How the shop of these events knows people. */
export const HOUSEHOLD_RULES = { scopes: ["shop"], defaultCountry: "DE" };

const ANNA = "anna@household.example";
const BEN = "ben@household.example";

/** What Anna is found by. */
export const ANNAS_KEYS = personKeys(ANNA, HOUSEHOLD_RULES);

/** A refused purchase: of Anna where the index is even, else of Ben, who lives with her. */
export function householdRefusal(index: number, received_at: number): QuarantinedEvent {
  return {
    dedup_scope: "shop",
    event_id: `refused-${index}`,
    event_name: "purchase",
    source: "web",
    received_at,
    reasons: [],
    raw: JSON.stringify({ user: { email: index % 2 === 0 ? ANNA : BEN } }),
  };
}
