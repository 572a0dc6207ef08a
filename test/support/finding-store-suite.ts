import { HOUR_MS } from "../../src/core/durations.ts";
import type { Finding, FollowedFinding } from "../../src/core/finding.ts";
import { NOTHING_OPEN, type OpenFinding } from "../../src/core/lasting-findings.ts";
import type { FindingRow } from "../../src/ops/contract/findings.ts";
import type { FindingStore } from "../../src/pipeline/detect-ports.ts";

const OPEN: Omit<OpenFinding, "subject"> = {
  began_at: 1,
  last_seen_at: 2,
  period_ms: 1,
  severity: "warning",
  told_at: 2,
  told: "began",
  judged_at: 2,
  quiet: 0,
};

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

/** Of the same hour, as it is followed. */
export const FOLLOWED: FollowedFinding = { ...FINDING, began_at: START };

/** A store under test, and all that it keeps. */
export interface FindingStoreWorld {
  readonly store: FindingStore;
  list(): Promise<FindingRow[]>;
}

/** What every finding store must do. */
export function findingStoreSuite(create: () => Promise<FindingStoreWorld>): void {
  test("a finding is kept once, with its first time and its latest numbers, however long it lasts", async () => {
    const { list, store } = await create();
    await store.save(FOLLOWED, 1);
    await store.save(FOLLOWED, 2);
    const window = { start: START + 5 * HOUR_MS, end: START + 6 * HOUR_MS };
    await store.save({ ...FOLLOWED, window, observed: 5 }, 3);
    expect(await list()).toEqual([{ ...FOLLOWED, window, observed: 5, found_at: 1 }]);
  });

  test.each<[string, Partial<FollowedFinding>]>([
    ["another detector", { detector: "spike" }],
    ["another subject", { subject: "source/web" }],
    ["another beginning", { began_at: START + HOUR_MS }],
  ])("%s makes another finding", async (_, difference) => {
    const { list, store } = await create();
    await store.save(FOLLOWED, 1);
    await store.save({ ...FOLLOWED, ...difference }, 2);
    expect(await list()).toHaveLength(2);
  });

  test("an end is kept, and taken back when the finding is seen again", async () => {
    const { list, store } = await create();
    await store.save(FOLLOWED, 1);
    await store.end(FOLLOWED, START + HOUR_MS);
    expect(await list()).toEqual([{ ...FOLLOWED, ended_at: START + HOUR_MS, found_at: 1 }]);
    await store.save(FOLLOWED, 2);
    expect(await list()).toEqual([{ ...FOLLOWED, found_at: 1 }]);
    await store.save({ ...FOLLOWED, ended_at: START + HOUR_MS }, 3);
    expect(await list()).toEqual([{ ...FOLLOWED, ended_at: START + HOUR_MS, found_at: 1 }]);
  });

  test("the end of a finding that is kept no longer leaves nothing", async () => {
    const { list, store } = await create();
    await store.end(FOLLOWED, START);
    expect(await list()).toEqual([]);
  });

  test("what is open is kept for each detector by itself", async () => {
    const { list, store } = await create();
    const open = { judged_until: START, findings: [{ ...OPEN, subject: "source/web" }], over: { "source/app": 1 } };
    expect(await store.readOpen("volume_drop")).toBeUndefined();
    await store.saveOpen("volume_drop", NOTHING_OPEN);
    await store.saveOpen("volume_drop", open);
    expect(await store.readOpen("volume_drop")).toEqual(open);
    expect(await store.readOpen("volume")).toBeUndefined();
    expect(await list()).toEqual([]);
  });
}
