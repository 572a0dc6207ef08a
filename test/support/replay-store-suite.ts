import { NO_COUNTS } from "../../src/core/replay.ts";
import type { ReplayJob } from "../../src/core/replay-job.ts";
import type { ReplayStore } from "../../src/pipeline/replay-ports.ts";
import { jobStoreSuite } from "./job-store-suite.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

/** A job that was just made. */
export function replayJob(more: Partial<ReplayJob> = {}): ReplayJob {
  return {
    id: "job-1",
    version: 1,
    selection: { from: NOW - 3_600_000 },
    dry_run: false,
    force: false,
    pace: 50,
    state: "running",
    by: "key:k1",
    created_at: NOW,
    updated_at: NOW,
    lease_until: 0,
    progress: { done: 0, of: 0 },
    windows: [{ from: NOW - 3_600_000, to: NOW }],
    counts: NO_COUNTS,
    by_destination: {},
    cost_usd: 0,
    ...more,
  };
}

/** What every `ReplayStore` must do. */
export function replayStoreSuite(create: () => Promise<ReplayStore>): void {
  test("keeps a job whole", async () => {
    const store = await create();
    const job = replayJob({
      selection: { event_ids: ["a"], destinations: ["meta"], outcomes: ["pending", "expired"] },
      person_keys: ["email#1"],
      cursor: { object: "events/1.gz", line: 7 },
      by_destination: { meta: 3 },
      reason: "é\u{1f600}",
      cost_usd: 0.000012,
    });
    expect(await store.save(job)).toBe(true);
    expect(await store.read("job-1")).toEqual(job);
    expect(await store.read("job-2")).toBeUndefined();
  });

  jobStoreSuite(create, replayJob, { changed: { pace: 1 }, ended: "cancelled", neverEnded: "failed" });
}
