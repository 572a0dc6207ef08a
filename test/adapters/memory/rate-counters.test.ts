import { createMemoryRateCounters } from "../../../src/adapters/memory/rate-counters.ts";
import { rateCountersSuite } from "../../support/rate-counters-suite.ts";

rateCountersSuite(async () => createMemoryRateCounters());
