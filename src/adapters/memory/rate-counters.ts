import type { RateCounters } from "../../pipeline/source-rates.ts";

/** Counts in memory, for tests and simulation; shared by all that are given it. */
export function createMemoryRateCounters(): RateCounters {
  const sums = new Map<string, number>();
  return {
    async add(source, windowStart, events) {
      const key = JSON.stringify([source, windowStart]);
      const sum = (sums.get(key) ?? 0) + events;
      sums.set(key, sum);
      return sum;
    },
  };
}
