import { DAY_MS } from "../../src/core/durations.ts";
import type { BrowserIds, SeenClickId } from "../../src/core/event.ts";
import type { Person } from "../../src/core/identity.ts";
import { knownIdentifiers } from "../../src/core/known-identifiers.ts";
import { hashedEvent } from "../support/events.ts";
import { identityPerson } from "../support/identity-person.ts";

const AT = hashedEvent().event_time;
const RULES = { retentionMs: 180 * DAY_MS };

function person(known: { fbclid?: SeenClickId; fbc?: string }): Person {
  return identityPerson("p", {
    browser_ids: known.fbc === undefined ? {} : { fbc: known.fbc },
    click_ids: known.fbclid === undefined ? {} : { fbclid: known.fbclid },
  });
}

function known(own: { fbclid?: SeenClickId; browser_ids?: BrowserIds }, of: Person) {
  const { browser_ids = {}, fbclid } = own;
  const event = hashedEvent({ browser_ids, ...(fbclid === undefined ? {} : { click_ids: { fbclid } }) });
  return knownIdentifiers(event, of, RULES).known;
}

const seen = (value: string, daysAgo: number): SeenClickId => ({ value, seen_at: AT - daysAgo * DAY_MS });

test("an event that repeats a click learns when that click was first seen", () => {
  const first = seen("Click", 3);
  expect(known({ fbclid: seen("Click", 0) }, person({ fbclid: first })).click_ids).toEqual({ fbclid: first });
});

test("nothing is said of its own click when the graph knows another, no earlier one, or one past its lifetime", () => {
  const own = { fbclid: seen("Click", 0) };
  expect(known(own, person({ fbclid: seen("Other", 3) }))).not.toHaveProperty("click_ids");
  expect(known(own, person({ fbclid: seen("Click", 0) }))).not.toHaveProperty("click_ids");
  expect(known(own, person({ fbclid: seen("Click", 91) }))).not.toHaveProperty("click_ids");
});

test("a kept fbc is given for its own click only", () => {
  const fbc = `fb.1.${AT - DAY_MS}.Click.with.dots`;
  expect(known({}, person({ fbc })).browser_ids).toEqual({ fbc });
  expect(known({ fbclid: seen("Click.with.dots", 0) }, person({ fbc })).browser_ids).toEqual({ fbc });
  expect(known({ fbclid: seen("Newer", 0) }, person({ fbc }))).not.toHaveProperty("browser_ids");
  expect(known({ browser_ids: { fbc: "fb.1.1.X" } }, person({ fbc }))).not.toHaveProperty("browser_ids");
});

test("remembered browser ids fill in for those that the event lacks", () => {
  const remembered = {
    ttp: "t",
    scid: "s",
    rdt_uuid: "r",
    uetvid: "u",
    hubspotutk: "h",
    obref: "o",
    ga_client_id: "1.2",
  };
  const { ttp: _, ...rest } = remembered;
  const of = { ...person({}), browser_ids: remembered };
  expect(known({ browser_ids: { ttp: "own" } }, of).browser_ids).toEqual(rest);
});

test("a cookie of the event's own keeps the graph's click away", () => {
  const own = { browser_ids: { fbc: `fb.1.${AT}.X` } };
  expect(known(own, person({ fbclid: seen("Click", 3) }))).not.toHaveProperty("click_ids");
});

test("a sender's digest is completed when it is of this very address, not of one that some platform takes for the same", () => {
  const { hashes = {} } = hashedEvent({ user: { email: "ada.lovelace@example.org" } });
  const filled = (email_sha256: string | undefined) =>
    knownIdentifiers(hashedEvent({ user: { email_sha256: email_sha256 ?? "" } }), { ...person({}), hashes }, RULES)
      .known.hashes;
  expect(filled(hashes.email_plain)).toEqual(hashes);
  expect(hashes.email_microsoft).not.toBe(hashes.email_plain);
  expect(filled(hashes.email_microsoft)).toBeUndefined();
});

describe("what the person refused is not filled in", () => {
  const memory = (answers: Record<string, "granted" | "denied">): Person["answers"] => ({
    [hashedEvent().source.dedup_scope]: {
      named: Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, { value, at: 1 }])),
      anonymous: {},
    },
  });
  const rich = (answers: Record<string, "granted" | "denied">): Person => ({
    ...person({ fbclid: seen("Click", 3) }),
    users: { [hashedEvent().source.dedup_scope]: { key: "k", id: "user-1" } },
    hashes: { email_plain: "h" },
    browser_ids: { fbp: "fb.1.1.1", ga_client_id: "1.2" },
    answers: memory(answers),
  });
  const filled = (answers: Record<string, "granted" | "denied">, consent = {}, honourGpc = true) =>
    knownIdentifiers(hashedEvent({ user: {}, browser_ids: {}, consent }), rich(answers), { ...RULES, honourGpc })
      .filled.filter((name) => name !== "consent")
      .sort();
  const ALL = ["email_plain", "fbclid", "fbp", "ga_client_id", "user_id"];
  const without = (...names: string[]) => ALL.filter((name) => !names.includes(name));

  test.each([
    ["nothing", {}, {}, ALL],
    ["the use of their data for ads", { ad_user_data: "denied" }, {}, without("email_plain")],
    ["storage for ads", { ad_storage: "denied" }, {}, without("fbclid", "fbp")],
    ["analytics", { analytics_storage: "denied" }, {}, without("ga_client_id")],
    ["ads and analytics", { ad_storage: "denied", ad_user_data: "denied", analytics_storage: "denied" }, {}, []],
    ["storage for ads, and grants it with this event", { ad_storage: "denied" }, { ad_storage: "granted" }, ALL],
    ["storage for ads with this event", {}, { ad_storage: "denied" }, without("fbclid", "fbp")],
    ["by Global Privacy Control", { gpc: "denied" }, {}, without("email_plain")],
  ] as const)("who refused %s", (_, answers, consent, expected) => {
    expect(filled(answers, consent)).toEqual(expected);
  });

  test("a signal that is not honoured refuses nothing", () => {
    expect(filled({ gpc: "denied" }, {}, false)).toEqual(ALL);
  });
});
