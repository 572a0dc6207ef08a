import { quora } from "../../src/destinations/quora.ts";
import { purchaseEvent } from "../support/events.ts";

const GIVEN = { accountId: "1234567890" };
const parse = (input: unknown) => quora.settings.parse(input);

test("defaults", () => {
  expect(parse(GIVEN)).toEqual({ ...GIVEN, personalData: "none", withoutClick: "skip" });
});

test.each([
  [{}, "accountId: must be the ads account's id, digits as text (got nothing)"],
  [{ accountId: 1234567890 }, "accountId: must be the ads account's id"],
  [{ accountId: "9999999999999999" }, "accountId: must be the ads account's id"],
  [{ accountId: "0012" }, "accountId: must be the ads account's id"],
  [{ ...GIVEN, accountCurrency: "usd" }, "accountCurrency: must be an ISO 4217 code"],
  [{ ...GIVEN, accountCurrency: "DOL" }, "accountCurrency: must be an ISO 4217 code"],
  [{ ...GIVEN, personalData: "hashed" }, "personalData: must be one of none, ip, all"],
  [{ ...GIVEN, withoutClick: true }, "withoutClick: must be one of skip, send"],
  [{ ...GIVEN, pixelId: "1" }, "pixelId: is no setting"],
])("%j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => parse(settings)).toThrow(message);
});

test.each(["Generic", "AppInstall", "ViewContent"])("%s may be an event's category", (name) => {
  expect(quora.eventNameProblem?.(name)).toBeUndefined();
});

test.each(["", "purchase", "Lead"])("%j may not", (name) => {
  expect(quora.eventNameProblem?.(name)).toContain("must be one of Quora's: Generic");
});

test.each([
  ["tx4Wj.FrB|1734|0", true],
  ["{{qclid}}", false],
  ["jane@example.com", false],
  ["+4915112345678", false],
  ["a b", false],
  ["", false],
])("%j as a click: %p", (value, isOne) => {
  const event = purchaseEvent({ click_ids: { qclid: { value, seen_at: 0 } } });
  const context = { lane: "quora", settings: parse(GIVEN), credentials: {}, now: event.event_time, testMode: false };
  expect(quora.identifiers(event, context).has("click_id")).toBe(isOne);
});

test("raw contact data travels only to a lane that sends it", () => {
  const needs = (["none", "ip", "all"] as const).map((personalData) =>
    quora.needsRawContact(parse({ ...GIVEN, personalData })),
  );
  expect(needs).toEqual([false, false, true]);
});

test("a token is one word of visible ASCII", () => {
  expect(quora.credentialProblem?.({ accessToken: "abc-1" })).toBeUndefined();
  expect(quora.credentialProblem?.({ accessToken: "a\nb" })).toContain("accessToken");
});

test("by default no contact, name or address of a person is in a request", () => {
  const person = {
    email: "ada@lovelace.dev",
    phone: "+4915112345678",
    first_name: "Ada",
    last_name: "Lovelace",
    street: "St James's Square 12",
    city: "London",
    ip: "203.0.113.7",
  };
  const event = purchaseEvent({ user: person, click_ids: { qclid: { value: "click", seen_at: 0 } } });
  const context = { lane: "quora", settings: parse(GIVEN), credentials: {}, now: event.event_time, testMode: false };
  const { body } = quora.buildRequest([{ ...event, phone_e164: "+4915112345678" }], context);
  expect(Object.values(person).filter((value) => body.includes(value))).toEqual([]);
});
