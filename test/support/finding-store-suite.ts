import { HOUR_MS } from "../../src/core/durations.ts";
import type { Finding } from "../../src/core/finding.ts";
import type { FindingStore } from "../../src/pipeline/detect-ports.ts";

const START = Date.parse("2026-11-23T13:00:00Z");

/** A finding of the hour 13:00 to 14:00 UTC on 2026-11-23. */
export const FINDING: Finding = {
  detector: "volume_drop",
  subject: "key_event/purchase",
  window: { start: START, end: START + HOUR_MS },
  severity: "critical",
  observed: 4,
  expected: { low: 38, high: 71 },
  basis: 14,
  sentence: "purchase events: 4 in 13:00-14:00 UTC, 38 to 71 expected from the same hour of 14 past days",
};

/** What every finding store must do. */
export function findingStoreSuite(create: () => Promise<FindingStore>): void {
  test("a finding is new once, however often it is found", async () => {
    const store = await create();
    expect(await store.save(FINDING, 1)).toBe("new");
    expect(await store.save(FINDING, 2)).toBe("known");
    expect(await store.save({ ...FINDING, observed: 5 }, 3)).toBe("known");
  });

  test.each<[string, Partial<Finding>]>([
    ["another detector", { detector: "spike" }],
    ["another subject", { subject: "source/web" }],
    ["another hour", { window: { start: START + HOUR_MS, end: START + 2 * HOUR_MS } }],
  ])("%s makes another finding", async (_, difference) => {
    const store = await create();
    await store.save(FINDING, 1);
    expect(await store.save({ ...FINDING, ...difference }, 2)).toBe("new");
  });
}
