import type { ConsentState } from "../../src/core/consent.ts";
import type { KnownIdentifiers } from "../../src/core/event.ts";
import { withoutRefused } from "../../src/core/withheld-identifiers.ts";
import { purchaseEvent } from "../support/events.ts";

const AT = Date.UTC(2026, 10, 23, 12);
const KNOWN = {
  person_id: "p-1",
  user_id: "u-1",
  anonymous_id: "anon-1",
  hashes: { email_plain: "a".repeat(64) },
  contacts: { email: "ada@lovelace.dev" },
  browser_ids: { fbp: "fb.1.1700000000000.1", ga_client_id: "1.2" },
  click_ids: { gclid: { value: "Cj0", seen_at: AT } },
  campaigns: { first: { at: AT, source: "newsletter" } },
} as KnownIdentifiers;

/** What is left of what the graph filled in, by its names. */
function left(consent: ConsentState): string[] {
  const {
    browser_ids = {},
    click_ids,
    ...known
  } = withoutRefused(purchaseEvent({ known: KNOWN, consent })).known ?? {};
  return [...Object.keys(known), ...Object.keys(browser_ids), ...Object.keys(click_ids ?? {})].sort();
}

const ALL = ["anonymous_id", "campaigns", "contacts", "fbp", "ga_client_id", "gclid", "hashes", "person_id", "user_id"];

test.each<[string, ConsentState, readonly string[]]>([
  ["nothing refused", {}, []],
  ["ads' data", { ad_user_data: "denied" }, ["contacts", "hashes"]],
  ["personalised ads alone", { ad_personalization: "denied" }, []],
  ["ads' storage", { ad_storage: "denied" }, ["fbp", "gclid"]],
  ["analytics' storage", { analytics_storage: "denied" }, ["contacts", "ga_client_id"]],
  [
    "both storages",
    { ad_storage: "denied", analytics_storage: "denied" },
    ["campaigns", "contacts", "fbp", "ga_client_id", "gclid"],
  ],
  [
    "ads' data and analytics",
    { ad_user_data: "denied", analytics_storage: "denied" },
    ["anonymous_id", "contacts", "ga_client_id", "hashes", "user_id"],
  ],
])("%s: what the graph filled in goes with it, and the person's opaque id stays", (_, consent, gone) => {
  expect(left(consent)).toEqual(ALL.filter((name) => !gone.includes(name)));
});

test("what the event itself carries is not the graph's, and an event of nobody stays as it is", () => {
  const event = purchaseEvent({ consent: { ad_storage: "denied", ad_user_data: "denied" } });
  expect(withoutRefused(event)).toBe(event);
  expect(withoutRefused({ ...event, known: KNOWN }).user).toEqual(event.user);
});
