import { createMemoryTombstones } from "../../../src/adapters/memory/tombstones.ts";
import { tombstonesSuite } from "../../support/tombstones-suite.ts";

tombstonesSuite(async (now) => createMemoryTombstones({ now }));
