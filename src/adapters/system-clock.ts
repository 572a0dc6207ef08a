import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../pipeline/ports.ts";

/** The machine's clock. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: async (ms) => {
      await wait(ms);
    },
  };
}
