import { createMemoryReconciliationStore } from "../../../src/adapters/memory/reconciliation-store.ts";
import { reconciliationStoreSuite } from "../../support/reconciliation-store-suite.ts";

reconciliationStoreSuite(async () => createMemoryReconciliationStore());
