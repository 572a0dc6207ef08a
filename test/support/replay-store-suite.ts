import { NO_COUNTS } from "../../src/core/replay.ts";
import type { ReplayJob } from "../../src/core/replay-job.ts";
import type { ReplayStore } from "../../src/pipeline/replay-ports.ts";

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

  test("of two who read one version, one saves the next", async () => {
    const store = await create();
    expect(await store.save(replayJob())).toBe(true);
    expect(await store.save(replayJob({ by: "key:other" }))).toBe(false);
    expect(await store.save(replayJob({ version: 2, pace: 1 }))).toBe(true);
    expect(await store.save(replayJob({ version: 2, pace: 2 }))).toBe(false);
    expect(await store.save(replayJob({ version: 4 }))).toBe(false);
    expect(await store.save(replayJob({ id: "none", version: 2 }))).toBe(false);
    expect(await store.read("job-1")).toMatchObject({ version: 2, pace: 1, by: "key:k1" });
  });

  test("lists newest first, in pages, by state, and a job in one place only while its state changes", async () => {
    const store = await create();
    for (let index = 0; index < 7; index += 1) {
      // Two of each moment.
      const job = replayJob({ id: `job-${index}`, created_at: NOW + Math.floor(index / 2) });
      await store.save(job);
      if (index % 3 !== 0) await store.save({ ...job, version: 2, state: index === 1 ? "cancelled" : "done" });
    }
    const ids = async (options: Parameters<ReplayStore["list"]>[0]) => (await store.list(options)).map(({ id }) => id);
    const all = ["job-6", "job-5", "job-4", "job-3", "job-2", "job-1", "job-0"];
    expect(await ids({ limit: 10 })).toEqual(all);
    expect(await ids({ limit: 3 })).toEqual(all.slice(0, 3));
    expect(await ids({ limit: 3, before: "job-4" })).toEqual(all.slice(3, 6));
    expect(await ids({ limit: 3, before: "job-0" })).toEqual([]);
    expect(await ids({ limit: 10, state: "running" })).toEqual(["job-6", "job-3", "job-0"]);
    expect(await ids({ limit: 1, state: "running", before: "job-6" })).toEqual(["job-3"]);
    expect(await ids({ limit: 10, state: "cancelled" })).toEqual(["job-1"]);
    expect(await ids({ limit: 10, state: "failed" })).toEqual([]);
  });
}
