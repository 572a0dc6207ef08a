import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { nobody } from "../../src/core/identity.ts";
import { MAX_MERGES } from "../../src/core/person-merge.ts";
import { readCurrentPersons } from "../../src/pipeline/current-persons.ts";

test("a person is followed through as many merges as there can be, and each step is one read", async () => {
  const store = createMemoryIdentityStore();
  for (let n = 0; n < MAX_MERGES; n += 1) await store.savePerson({ ...nobody(`p-${n}`, 0), merged_into: `p-${n + 1}` });
  await store.savePerson(nobody(`p-${MAX_MERGES}`, 0));
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
  await store.savePerson({ ...nobody("a", 0), merged_into: "b" });
  await store.savePerson({ ...nobody("b", 0), merged_into: "a" });
  expect((await readCurrentPersons(["a"], store)).size).toBeLessThanOrEqual(1);
});
