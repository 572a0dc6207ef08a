import { createMemoryOpsKeys } from "../../../src/adapters/memory/ops-keys.ts";
import { KEYS_NOW, opsKeysSuite } from "../../support/ops-keys-suite.ts";

opsKeysSuite(async () => createMemoryOpsKeys(() => KEYS_NOW));
