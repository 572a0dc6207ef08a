import { createMemoryFindingStore } from "../../../src/adapters/memory/finding-store.ts";
import { findingStoreSuite } from "../../support/finding-store-suite.ts";

findingStoreSuite(async () => {
  const store = createMemoryFindingStore();
  return { store, list: async () => store.findings() };
});
