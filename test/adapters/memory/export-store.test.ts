import { createMemoryExportStore } from "../../../src/adapters/memory/export-store.ts";
import { exportStoreSuite } from "../../support/export-store-suite.ts";

exportStoreSuite(async () => createMemoryExportStore());
