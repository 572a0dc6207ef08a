import { createMemoryReplayStore } from "../../../src/adapters/memory/replay-store.ts";
import { replayStoreSuite } from "../../support/replay-store-suite.ts";

replayStoreSuite(async () => createMemoryReplayStore());
