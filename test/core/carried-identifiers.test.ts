import { carriedIdentifiers } from "../../src/core/carried-identifiers.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { hashedEvent } from "../support/events.ts";

test.each<[Partial<CanonicalEvent>, string[]]>([
  [{ user: {} }, []],
  [{ user: { email_sha256: "a".repeat(64) } }, ["email"]],
  [{ user: { phone: "+4915112345678", ip: "203.0.113.7" } }, ["phone"]],
  [{ user: { ip: "203.0.113.7", user_agent: "UA" } }, ["ip_and_user_agent"]],
  [{ user: { anonymous_id: "a" }, click_ids: { gclid: { value: "g", seen_at: 1 } } }, ["external_id", "click_id"]],
  [{ user: { email: "" }, browser_ids: { fbc: "fb.1.1.x" } }, ["click_id"]],
  [{ user: {}, browser_ids: { rdt_uuid: "r" } }, ["browser_id"]],
  [{ user: {}, browser_ids: { ga_sessions: { "*": "1" } } }, []],
  [
    { user: { last_name: "L", city: "Berlin", gender: "f", date_of_birth: "1815-12-10" } },
    ["name", "address", "date_of_birth", "gender"],
  ],
])("%j carries %j", (changes, expected) => {
  expect(carriedIdentifiers(hashedEvent({ browser_ids: {}, ...changes }))).toEqual(expected);
});

test("what the graph filled is not carried", () => {
  const filled = { ...hashedEvent({ user: {}, browser_ids: {} }), known: { person_id: "p", user_id: "u" } };
  expect(carriedIdentifiers(filled)).toEqual([]);
});
