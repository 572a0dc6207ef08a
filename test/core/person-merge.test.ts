import fc from "fast-check";
import type { Person } from "../../src/core/identity.ts";
import {
  areKeptApart,
  canJoin,
  keepApart,
  MAX_MERGES,
  mergePersons,
  withoutGiven,
} from "../../src/core/person-merge.ts";
import { identityPerson } from "../support/identity-person.ts";

const NOBODY = identityPerson("p", { version: 1, created_at: 1_000, expires_at: 9_000 });
const NAMED: Person = { ...NOBODY, hashes: { email_plain: "1" } };
const CAUSE = { at: 5, event_id: "e-1", joined_by: ["user_id#a", "email#b"] } as const;

test("merging is symmetric: the older wins whichever comes first, and equal ages are settled by id", () => {
  const older = { ...NAMED, id: "b", created_at: 1 };
  const younger = { ...NAMED, id: "a", created_at: 2, anonymous_ids: ["x"] };
  expect(mergePersons(older, younger, CAUSE)).toEqual(mergePersons(younger, older, CAUSE));
  expect(mergePersons(older, younger, CAUSE)?.winner).toMatchObject({
    id: "b",
    merges: 1,
    anonymous_ids: ["x"],
    merge_records: [{ ...CAUSE, id: "a", gave: ["anonymous_ids/x"] }],
  });
  const twin = { ...younger, created_at: 1 };
  expect(mergePersons(older, twin, CAUSE)?.winner.id).toBe("a");
});

test("a person that took fifty others takes no more, and visitors without a name are no others", () => {
  expect(mergePersons({ ...NAMED, merges: MAX_MERGES - 1 }, { ...NAMED, id: "q" }, CAUSE)?.winner.merges).toBe(50);
  expect(mergePersons({ ...NAMED, merges: MAX_MERGES }, { ...NAMED, id: "q" }, CAUSE)).toBeUndefined();
  expect(mergePersons({ ...NAMED, merges: MAX_MERGES }, { ...NOBODY, id: "q" }, CAUSE)?.winner.merges).toBe(50);
});

test("the newest merges are remembered, not all of them for ever", () => {
  let person = NAMED;
  for (let n = 0; n < 40; n += 1) {
    const visitor = { ...NOBODY, id: `v-${n}`, created_at: 2_000 };
    person = mergePersons(person, visitor, { ...CAUSE, at: n })?.winner ?? person;
  }
  expect(person.merge_records.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, n) => n + 20));
});

test("the winner's address keeps all its variants together, and takes none of another address", () => {
  const younger = { ...NOBODY, id: "q", created_at: 2_000, hashes: { email_plain: "1", email_microsoft: "2" } };
  const { winner } = mergePersons({ ...NOBODY, hashes: { email_plain: "4" } }, younger, CAUSE) ?? {};
  expect(winner?.hashes).toEqual({ email_plain: "4" });
});

test("what a merge gave is taken off again, and nothing else", () => {
  const name = fc.constantFrom("a", "b", "c");
  const facts = fc.record({
    users: fc.dictionary(name, fc.record({ key: name })),
    digests: fc.dictionary(fc.constantFrom("email", "phone"), name),
    anonymous_ids: fc.uniqueArray(name),
    browser_ids: fc.dictionary(fc.constantFrom("fbp", "ttp"), name),
  });
  fc.assert(
    fc.property(facts, facts, (one, two) => {
      const [a, b]: Person[] = [
        { ...NOBODY, ...one, id: "a", created_at: 1 },
        { ...NOBODY, ...two, id: "b", created_at: 2 },
      ];
      const { winner } = mergePersons(a ?? NOBODY, b ?? NOBODY, CAUSE) ?? { winner: NOBODY };
      const gave = winner.merge_records[0]?.gave ?? [];
      const { merge_records: _, ...left } = withoutGiven(winner, gave, b ?? NOBODY);
      const { merge_records: __, ...was } = { ...a, merges: winner.merges };
      expect(left).toEqual(was);
    }),
  );
});

test("what the merged person gave and somebody changed since stays", () => {
  const loser = { ...NOBODY, id: "q", created_at: 2_000, browser_ids: { fbp: "1" } };
  const { winner } = mergePersons(NOBODY, loser, CAUSE) ?? { winner: NOBODY };
  const changed = { ...winner, browser_ids: { fbp: "2" } };
  expect(withoutGiven(changed, winner.merge_records[0]?.gave ?? [], loser).browser_ids).toEqual({ fbp: "2" });
});

test("persons are kept apart whichever of them remembers it, also after a merge, for the newest twenty", () => {
  const [a, b] = [keepApart(NOBODY, "b"), { ...NOBODY, id: "b" }];
  expect([areKeptApart(a, b), areKeptApart(b, a), areKeptApart(NOBODY, b)]).toEqual([true, true, false]);
  const { winner } = mergePersons({ ...NOBODY, id: "older", created_at: 1 }, a, CAUSE) ?? { winner: NOBODY };
  expect(areKeptApart(winner, b)).toBe(true);
  let many = NOBODY;
  for (let n = 0; n < 25; n += 1) many = keepApart(many, `p-${n}`);
  expect([many.apart.length, many.apart[0], keepApart(many, "p-24").apart]).toEqual([20, "p-5", many.apart]);
});

const CASES: [string, Partial<Person>, Partial<Person>, boolean, boolean][] = [
  ["same user id", { users: { shop: { key: "1" } } }, { users: { shop: { key: "1" } } }, true, true],
  ["other user id", { users: { shop: { key: "1" } } }, { users: { shop: { key: "2" } } }, false, false],
  ["other scope", { users: { shop: { key: "1" } } }, { users: { till: { key: "2" } } }, true, false],
  ["other e-mail", { hashes: { email_plain: "1" } }, { hashes: { email_plain: "2" } }, true, false],
  ["other phone", { hashes: { phone_digits: "1" } }, { hashes: { phone_digits: "2" } }, true, false],
  ["other digest by the sender", { digests: { email: "1" } }, { digests: { email: "2" } }, true, false],
  ["a digest and another e-mail", { hashes: { email_plain: "1" } }, { digests: { email: "2" } }, true, false],
  ["a digest of the same e-mail", { hashes: { email_plain: "1" } }, { digests: { email: "1" } }, true, true],
  [
    "one with an e-mail, one with a phone",
    { hashes: { email_plain: "1" } },
    { hashes: { phone_digits: "2" } },
    true,
    false,
  ],
  [
    "the same e-mail and another phone",
    { hashes: { email_plain: "1", phone_digits: "1" } },
    { hashes: { email_plain: "1", phone_digits: "2" } },
    true,
    false,
  ],
  [
    "one digest of several",
    { hashes: { phone_digits: "1" }, digests: { phone: "2" } },
    { digests: { phone: "2" } },
    true,
    true,
  ],
  ["one of them without a name", { hashes: { email_plain: "1" } }, {}, true, true],
];

test.each(CASES)("%s", (_, a, b, byStrong, byWeak) => {
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

describe("contacts in clear", () => {
  const hashes = { email_plain: "h-jane" };
  const jane = { ...NOBODY, id: "jane", created_at: 2, hashes, contacts: { email: "sealed" } };
  const account = { ...NOBODY, id: "account", created_at: 1, users: { shop: { key: "k" } } };

  test("come with the hashes that a merge gives, and go with them in a split", () => {
    const { loser, winner } = mergePersons(account, jane, CAUSE) ?? fail();
    expect(winner).toMatchObject({ hashes, contacts: { email: "sealed" } });
    const [record] = winner.merge_records;
    expect(record?.gave).toEqual(["hashes/email_plain", "contacts/email"]);
    const { contacts, hashes: left } = withoutGiven(winner, record?.gave ?? [], loser);
    expect([left, contacts]).toEqual([{}, {}]);
  });

  test("go in a split also when they were sealed with another key since", () => {
    const { loser, winner } = mergePersons(account, jane, CAUSE) ?? fail();
    const resealed = { ...winner, contacts: { email: "sealed anew" } };
    const gave = winner.merge_records[0]?.gave ?? [];
    const { contacts, hashes: left } = withoutGiven(resealed, gave, loser);
    expect([left, contacts]).toEqual([{}, {}]);
  });

  test("of the older person's own address stay, and the younger's other one is nobody's", () => {
    const other = { ...NOBODY, id: "other", created_at: 1, hashes: { email_plain: "h-other" } };
    expect(mergePersons(other, jane, CAUSE)?.winner.hashes).toEqual(other.hashes);
    expect(mergePersons(other, jane, CAUSE)?.winner.contacts).toEqual({});
    const known = { ...other, contacts: { email: "sealed other" } };
    expect(mergePersons(jane, known, CAUSE)?.winner.contacts).toEqual({ email: "sealed other" });
  });

  test("of one address are kept, whichever of the two knew them", () => {
    const older = { ...jane, id: "older", created_at: 1, contacts: {} };
    expect(mergePersons(older, jane, CAUSE)?.winner.contacts).toEqual({ email: "sealed" });
    expect(mergePersons({ ...jane, created_at: 0 }, older, CAUSE)?.winner.contacts).toEqual({ email: "sealed" });
  });

  function fail(): never {
    throw new Error("they are not joined");
  }
});
