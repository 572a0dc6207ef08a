import type { Person, Pointer } from "../../src/core/identity.ts";
import type { ErasableIdentityStore } from "../../src/pipeline/identity-edit.ts";

const PERSON: Person = {
  id: "p-1",
  version: 0,
  created_at: 1_795_435_200_000,
  expires_at: 1_826_971_200_000,
  users: { shop: { key: "k", id: "u-1" }, "shop#2": { key: "l" } },
  hashes: { email_plain: "a".repeat(64), phone_digits: "b".repeat(64) },
  anonymous_ids: ["a-1", "ä-2 🙂"],
  browser_ids: { fbp: "fb.1.1700000000000.1" },
  click_ids: { gclid: { value: "g", seen_at: 1_795_435_000_000 } },
  contacts: { email: "k-1.sealed_text", phone: "k-1.other-text" },
  digests: { email: "d1" },
  touches: {
    "first#shop": { source: "ä 🙂", name: "spring", click: "gclid", page: "shop.example/", at: 1_795_000_000_000 },
    "last#shop": { medium: "cpc", at: 1_795_435_000_000 },
    "first#till": { term: "0", at: 1 },
    "last#till": { term: "0", at: 1 },
    "first#half": { name: "ä", at: 2 },
    "last#other": { id: "7", at: 3 },
  },
  answers: { shop: { named: { ad_storage: { value: "denied", at: 1_000, dated: {} } }, anonymous: {} } },
  merges: 1,
  merge_records: [
    {
      id: "p-0",
      at: 7,
      event_id: "e-ä",
      joined_by: ["user_id#a", "email#b"],
      gave: ["users/shop", "anonymous_ids/ä 1"],
    },
  ],
  apart: ["p-7"],
};
const POINTER: Pointer = {
  key: "email#abc",
  person_id: "p-1",
  seen_with: [],
  beside: [],
  expires_at: 1_826_971_200_000,
};

/** What every identity store does, whatever it stores in. `create` answers an empty store. */
export function identityStoreSuite(create: (now: () => number) => Promise<ErasableIdentityStore>): void {
  let store: ErasableIdentityStore;
  const time = { now: 0 };
  beforeEach(async () => {
    time.now = PERSON.created_at;
    store = await create(() => time.now);
  });

  test("persons come back as saved, one version on, in the order asked for", async () => {
    expect(await store.savePerson(PERSON)).toBe(true);
    const saved = { ...PERSON, version: 1 };
    expect(await store.readPersons(["nobody", "p-1", "p-1"])).toEqual([undefined, saved, saved]);
    const merged = { ...saved, merged_into: "p-0" };
    expect(await store.savePerson(merged)).toBe(true);
    expect(await store.readPersons(["p-1"])).toEqual([{ ...merged, version: 2 }]);
    expect(await store.readPersons([])).toEqual([]);
  });

  test("a person who was saved meanwhile is not overwritten", async () => {
    await store.savePerson(PERSON);
    expect(await store.savePerson({ ...PERSON, merges: 9 })).toBe(false);
    expect(await store.savePerson({ ...PERSON, version: 2, merges: 9 })).toBe(false);
    expect((await store.readPersons(["p-1"]))[0]?.merges).toBe(1);
  });

  test("of many who save the same version exactly one succeeds", async () => {
    const saves = await Promise.all(Array.from({ length: 12 }, () => store.savePerson(PERSON)));
    expect(saves.filter(Boolean)).toHaveLength(1);
  });

  test("pointers come back as saved, in the order asked for", async () => {
    expect(await store.savePointer(POINTER, undefined)).toBe(true);
    const moved = { ...POINTER, person_id: "p-2", seen_with: ["p-1", "p-3"], beside: ["ab", "cd"] };
    expect(await store.savePointer(moved, POINTER)).toBe(true);
    expect(await store.readPointers(["other", POINTER.key])).toEqual([undefined, moved]);
  });

  test("a pointer that moved meanwhile is not overwritten", async () => {
    await store.savePointer(POINTER, undefined);
    expect(await store.savePointer({ ...POINTER, person_id: "p-9" }, undefined)).toBe(false);
    expect(await store.savePointer({ ...POINTER, person_id: "p-9" }, { ...POINTER, person_id: "p-8" })).toBe(false);
    expect(await store.readPointers([POINTER.key])).toEqual([POINTER]);
  });

  test("of two who saw a pointer with something else at once, neither forgets what the other saw", async () => {
    await store.savePointer(POINTER, undefined);
    const [seen, beside] = [
      { ...POINTER, seen_with: ["p-2"] },
      { ...POINTER, beside: ["ab"] },
    ];
    expect(await store.savePointer(seen, POINTER)).toBe(true);
    expect(await store.savePointer(beside, POINTER)).toBe(false);
    expect(await store.savePointer({ ...seen, beside: ["ab"] }, seen)).toBe(true);
    expect(await store.savePointer({ ...seen, beside: ["cd"] }, seen)).toBe(false);
    expect(await store.readPointers([POINTER.key])).toEqual([{ ...seen, beside: ["ab"] }]);
  });

  test("persons and pointers are removed as they were read, and not when they changed meanwhile", async () => {
    await store.savePerson(PERSON);
    await store.savePointer(POINTER, undefined);
    expect(await store.deletePerson(PERSON)).toBe(false);
    expect(await store.deletePointer({ ...POINTER, person_id: "p-9" })).toBe(false);
    expect(await store.deletePointer({ ...POINTER, beside: ["ab"] })).toBe(false);
    expect(await store.readPersons(["p-1"])).toHaveLength(1);
    expect(await store.deletePerson({ ...PERSON, version: 1 })).toBe(true);
    expect(await store.deletePointer(POINTER)).toBe(true);
    expect(await store.readPersons(["p-1"])).toEqual([undefined]);
    expect(await store.readPointers([POINTER.key])).toEqual([undefined]);
    expect(await store.deletePerson({ ...PERSON, version: 1 })).toBe(false);
    expect(await store.savePerson(PERSON)).toBe(true);
  });

  test("what is past its time counts as absent, to reads and to writes, before it is deleted", async () => {
    await store.savePerson(PERSON);
    await store.savePointer(POINTER, undefined);
    time.now = PERSON.expires_at - 1_000;
    expect(await store.readPersons(["p-1"])).toHaveLength(1);
    expect(await store.savePointer(POINTER, undefined)).toBe(false);
    time.now = PERSON.expires_at;
    expect(await store.readPersons(["p-1"])).toEqual([undefined]);
    expect(await store.readPointers([POINTER.key])).toEqual([undefined]);
    const later = { expires_at: PERSON.expires_at + 86_400_000 };
    expect(await store.savePerson({ ...PERSON, ...later })).toBe(true);
    expect(await store.savePointer({ ...POINTER, ...later, person_id: "p-2" }, undefined)).toBe(true);
    expect(await store.readPersons(["p-1"])).toEqual([{ ...PERSON, ...later, version: 1 }]);
    expect((await store.readPointers([POINTER.key]))[0]?.person_id).toBe("p-2");
    expect(await store.savePerson({ ...PERSON, ...later })).toBe(false);
  });

  test("more identifiers than one read takes come back whole", async () => {
    const keys = Array.from({ length: 130 }, (_, n) => `email#${n}`);
    await Promise.all(keys.map((key) => store.savePointer({ ...POINTER, key }, undefined)));
    expect((await store.readPointers(keys)).map((pointer) => pointer?.key)).toEqual(keys);
  });
}
