import { BROWSER_ID_NAMES } from "../../src/core/browser-ids.ts";
import type { Person } from "../../src/core/identity.ts";
import { canJoin, factsOf, learnFacts, mergePersons } from "../../src/core/person-facts.ts";
import { hashedEvent } from "../support/events.ts";

const NOBODY: Person = {
  id: "p",
  version: 1,
  created_at: 1_000,
  expires_at: 9_000,
  users: {},
  hashes: {},
  anonymous_ids: [],
  browser_ids: {},
  click_ids: {},
  digests: {},
  answers: {},
  merges: 0,
};

const NO_FACTS = factsOf(hashedEvent({ user: {}, browser_ids: {}, consent: {} }), {});

test("merging is symmetric: the older wins whichever comes first, and equal ages are settled by id", () => {
  const older = { ...NOBODY, id: "b", created_at: 1 };
  const younger = { ...NOBODY, id: "a", created_at: 2, anonymous_ids: ["x"] };
  expect(mergePersons(older, younger)).toEqual(mergePersons(younger, older));
  expect(mergePersons(older, younger)?.winner).toMatchObject({ id: "b", merges: 1, anonymous_ids: ["x"] });
  const twin = { ...younger, created_at: 1 };
  expect(mergePersons(older, twin)?.winner.id).toBe("a");
});

test("a person that took fifty merges takes no more", () => {
  expect(mergePersons({ ...NOBODY, merges: 49 }, { ...NOBODY, id: "q" })?.winner.merges).toBe(50);
  expect(mergePersons({ ...NOBODY, merges: 50 }, { ...NOBODY, id: "q" })).toBeUndefined();
});

test("the last ten anonymous ids are kept", () => {
  let person = NOBODY;
  for (let n = 0; n < 12; n += 1) {
    const event = hashedEvent({ user: { anonymous_id: `a-${n}` }, browser_ids: {} });
    person = learnFacts(person, factsOf(event, {})).person;
  }
  expect(person.anonymous_ids).toEqual(Array.from({ length: 10 }, (_, n) => `a-${n + 2}`));
});

test("a click id keeps the first time its value was seen, and gives way to a later click only", () => {
  const clicked = (value: string, seen_at: number) =>
    factsOf(hashedEvent({ click_ids: { gclid: { value, seen_at } } }), {});
  const first = learnFacts(NOBODY, clicked("one", 500));
  expect(first.learned).toContain("gclid");
  const again = learnFacts(first.person, clicked("one", 900));
  expect(again.person.click_ids.gclid).toEqual({ value: "one", seen_at: 500 });
  expect(learnFacts(again.person, clicked("zero", 100)).person.click_ids.gclid?.value).toBe("one");
  expect(learnFacts(again.person, clicked("two", 901)).person.click_ids.gclid).toEqual({ value: "two", seen_at: 901 });
});

test("every browser id is remembered once, the latest", () => {
  const browser_ids = Object.fromEntries(BROWSER_ID_NAMES.map((name) => [name, `${name}-1`]));
  const first = learnFacts(NOBODY, factsOf(hashedEvent({ user: {}, browser_ids }), {}));
  expect(first.person.browser_ids).toEqual(browser_ids);
  const later = learnFacts(first.person, factsOf(hashedEvent({ user: {}, browser_ids: { uetvid: "uetvid-2" } }), {}));
  expect([later.learned, later.person.browser_ids.uetvid]).toEqual([["uetvid"], "uetvid-2"]);
});

test("a new address takes all variants of the old one with it, also those that it has no form for", () => {
  const old = { email_plain: "1", email_microsoft: "2", phone_e164: "3" };
  const { person, learned } = learnFacts({ ...NOBODY, hashes: old }, { ...NO_FACTS, hashes: { email_plain: "4" } });
  expect(person.hashes).toEqual({ email_plain: "4", phone_e164: "3" });
  expect(learned).toEqual(["email_plain"]);
  const younger = { ...NOBODY, id: "q", created_at: 2_000, hashes: old };
  expect(mergePersons({ ...NOBODY, hashes: { email_plain: "4" } }, younger)?.winner.hashes).toEqual({
    email_plain: "4",
    phone_e164: "3",
  });
});

test("nothing new gives back the very same person", () => {
  const facts = factsOf(hashedEvent(), hashedEvent().hashes ?? {});
  const { person } = learnFacts(NOBODY, facts);
  expect(learnFacts(person, facts)).toEqual({ person, learned: [] });
  expect(learnFacts(person, facts).person).toBe(person);
});

test.each([
  ["same user id", { users: { shop: { key: "1" } } }, { users: { shop: { key: "1" } } }, true, true],
  ["other user id", { users: { shop: { key: "1" } } }, { users: { shop: { key: "2" } } }, false, false],
  ["other scope", { users: { shop: { key: "1" } } }, { users: { till: { key: "2" } } }, true, true],
  ["other e-mail", { hashes: { email_plain: "1" } }, { hashes: { email_plain: "2" } }, true, false],
  ["other phone", { hashes: { phone_digits: "1" } }, { hashes: { phone_digits: "2" } }, true, false],
  ["other digest by the sender", { digests: { email: "1" } }, { digests: { email: "2" } }, true, false],
  ["a digest and another e-mail", { hashes: { email_plain: "1" } }, { digests: { email: "2" } }, true, false],
  ["a digest of the same e-mail", { hashes: { email_plain: "1" } }, { digests: { email: "1" } }, true, true],
  [
    "one digest of several",
    { hashes: { phone_digits: "1" }, digests: { phone: "2" } },
    { digests: { phone: "2" } },
    true,
    true,
  ],
  ["one of them silent", { hashes: { email_plain: "1" } }, {}, true, true],
])("%s", (_, a, b, byStrong, byWeak) => {
  const [one, two] = [
    { ...NOBODY, ...a },
    { ...NOBODY, ...b },
  ];
  for (const [x, y] of [
    [one, two],
    [two, one],
  ] as const) {
    expect(canJoin(x, y, true)).toBe(byStrong);
    expect(canJoin(x, y, false)).toBe(byWeak);
  }
});
