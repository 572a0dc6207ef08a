import { createMemoryFindingStore } from "../../../src/adapters/memory/finding-store.ts";
import { FINDING, findingStoreSuite } from "../../support/finding-store-suite.ts";

findingStoreSuite(async () => createMemoryFindingStore());

test("keeps the first time and the latest numbers", async () => {
  const store = createMemoryFindingStore();
  await store.save(FINDING, 1);
  await store.save({ ...FINDING, observed: 6 }, 2);
  expect(store.findings()).toEqual([{ finding: { ...FINDING, observed: 6 }, found_at: 1 }]);
});
