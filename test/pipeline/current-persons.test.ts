import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { nobody, type Person } from "../../src/core/identity.ts";
import { MAX_MERGES } from "../../src/core/person-merge.ts";
import { readCurrentPersons } from "../../src/pipeline/current-persons.ts";

function somebody(id: string, merged_into?: string): Person {
  const person = { ...nobody(id, 1), expires_at: Date.UTC(2099, 0) };
  return merged_into === undefined ? person : { ...person, merged_into };
}

test("a person is followed through as many merges as there can be, and each step is one read", async () => {
  const store = createMemoryIdentityStore();
  for (let n = 0; n < MAX_MERGES; n += 1) await store.savePerson(somebody(`p-${n}`, `p-${n + 1}`));
  await store.savePerson(somebody(`p-${MAX_MERGES}`));
  let reads = 0;
  const readPersons: typeof store.readPersons = (ids) => {
    reads += 1;
    return store.readPersons(ids);
  };
  const found = await readCurrentPersons(["p-0", "p-40", "nobody"], { readPersons });
  expect([...found].map(([id, { id: now }]) => [id, now])).toEqual([
    ["p-0", `p-${MAX_MERGES}`],
    ["p-40", `p-${MAX_MERGES}`],
  ]);
  expect(reads).toBeLessThanOrEqual(MAX_MERGES + 1);
});

test("merges that go round in a circle end", async () => {
  const store = createMemoryIdentityStore();
  await store.savePerson(somebody("a", "b"));
  await store.savePerson(somebody("b", "a"));
  expect((await readCurrentPersons(["a"], store)).size).toBeLessThanOrEqual(1);
});
