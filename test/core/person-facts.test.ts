import { BROWSER_ID_NAMES } from "../../src/core/browser-ids.ts";
import type { IdentifierKind } from "../../src/core/identity-identifiers.ts";
import { factsOf, learnFacts } from "../../src/core/person-facts.ts";
import { hashedEvent } from "../support/events.ts";
import { identityPerson } from "../support/identity-person.ts";

const NOBODY = identityPerson("p", { version: 1, created_at: 1_000, expires_at: 9_000 });

const NO_FACTS = factsOf(hashedEvent({ user: {}, browser_ids: {}, consent: {} }), new Set());

const NAMES: ReadonlySet<IdentifierKind> = new Set(["user_id", "email", "phone"]);

test("a contact that is suspect is no fact, whatever rule it is hashed under", () => {
  const event = hashedEvent({ user: { user_id: "u", email: "ada@lovelace.dev", phone: "+4915112345678" } });
  const facts = factsOf(event, new Set(["user_id", "phone"]));
  expect(Object.keys(facts.hashes).sort()).toEqual(["phone_digits", "phone_e164"]);
  expect(Object.keys(facts.users)).toEqual(["shop"]);
  expect(factsOf(event, new Set(["email"])).users).toEqual({});
});

test("the last ten anonymous ids are kept", () => {
  let person = NOBODY;
  for (let n = 0; n < 12; n += 1) {
    const event = hashedEvent({ user: { anonymous_id: `a-${n}` }, browser_ids: {} });
    person = learnFacts(person, factsOf(event, NAMES)).person;
  }
  expect(person.anonymous_ids).toEqual(Array.from({ length: 10 }, (_, n) => `a-${n + 2}`));
});

test("a click id keeps the first time its value was seen, and gives way to a later click only", () => {
  const clicked = (value: string, seen_at: number) =>
    factsOf(hashedEvent({ click_ids: { gclid: { value, seen_at } } }), NAMES);
  const first = learnFacts(NOBODY, clicked("one", 500));
  expect(first.learned).toContain("gclid");
  const again = learnFacts(first.person, clicked("one", 900));
  expect(again.person.click_ids.gclid).toEqual({ value: "one", seen_at: 500 });
  expect(learnFacts(again.person, clicked("zero", 100)).person.click_ids.gclid?.value).toBe("one");
  expect(learnFacts(again.person, clicked("two", 901)).person.click_ids.gclid).toEqual({ value: "two", seen_at: 901 });
});

test("every browser id is remembered once, the latest", () => {
  const browser_ids = Object.fromEntries(BROWSER_ID_NAMES.map((name) => [name, `${name}-1`]));
  const first = learnFacts(NOBODY, factsOf(hashedEvent({ user: {}, browser_ids }), NAMES));
  expect(first.person.browser_ids).toEqual(browser_ids);
  const later = learnFacts(
    first.person,
    factsOf(hashedEvent({ user: {}, browser_ids: { uetvid: "uetvid-2" } }), NAMES),
  );
  expect([later.learned, later.person.browser_ids.uetvid]).toEqual([["uetvid"], "uetvid-2"]);
});

test("a new address takes all variants of the old one with it, also those that it has no form for", () => {
  const old = { email_plain: "1", email_microsoft: "2", phone_e164: "3" };
  const { person, learned } = learnFacts({ ...NOBODY, hashes: old }, { ...NO_FACTS, hashes: { email_plain: "4" } });
  expect(person.hashes).toEqual({ email_plain: "4", phone_e164: "3" });
  expect(learned).toEqual(["email_plain"]);
});

test("nothing new gives back the very same person", () => {
  const facts = factsOf(hashedEvent(), NAMES);
  const { person } = learnFacts(NOBODY, facts);
  expect(learnFacts(person, facts)).toEqual({ person, learned: [] });
  expect(learnFacts(person, facts).person).toBe(person);
});

test("another address without its text takes the older one's away, and says of texts only what is new", () => {
  const known = {
    ...NOBODY,
    hashes: { email_plain: "h-old" },
    contacts: { email: "sealed old", phone: "sealed phone" },
  };
  const moved = { ...NO_FACTS, hashes: { email_plain: "h-new" } };
  expect(learnFacts(known, moved)).toMatchObject({ learned: ["email_plain"], person: { hashes: moved.hashes } });
  expect(learnFacts(known, moved).person.contacts).toEqual({ phone: "sealed phone" });
  const again = { ...NO_FACTS, hashes: known.hashes, contacts: { email: "sealed old" } };
  expect(learnFacts(known, again)).toEqual({ learned: [], person: known });
  const told = { ...again, contacts: { email: "sealed anew" } };
  expect(learnFacts(known, told).learned).toEqual(["email_in_clear"]);
});
