import type { RateCounters } from "../../src/pipeline/source-rates.ts";

/** What every implementation of the shared counts does. `create` answers one without any counts. */
export function rateCountersSuite(create: () => Promise<RateCounters>): void {
  test("adds up, and answers each the sum up to its own count", async () => {
    const counters = await create();
    expect(await counters.add("shop-web", 1_000, 3)).toBe(3);
    const sums = await Promise.all(Array.from({ length: 20 }, () => counters.add("shop-web", 1_000, 2)));
    expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => 5 + 2 * n));
  });

  test("sources and windows are counted apart", async () => {
    const counters = await create();
    await counters.add("shop-web", 1_000, 3);
    expect(await counters.add("shop-app", 1_000, 1)).toBe(1);
    expect(await counters.add("shop-web", 11_000, 1)).toBe(1);
  });
}
