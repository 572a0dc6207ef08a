import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import { cancelReplay, replayTask } from "../../src/pipeline/replay-jobs.ts";
import { replayJob } from "../support/replay-store-suite.ts";
import { order, replayWorld, START } from "../support/replay-world.ts";

const ALL = { from: START - HOUR_MS };

test("the run of each minute works on every running job, each in its part of the time", async () => {
  const world = replayWorld();
  await world.enrich(Array.from({ length: 60 }, (_, index) => order(`e${index}`)));
  world.clock.set(START + 2 * DAY_MS);
  const slow = await world.create({ ...ALL, destinations: ["meta"] }, { pace: 1 });
  const quick = await world.create({ ...ALL, destinations: ["ga4"] });
  const began = world.clock.now();
  await replayTask(world.deps).run(began + 40_000);
  expect(await world.replays.read(quick.id)).toMatchObject({ state: "done", counts: { sent: 60 } });
  const stored = await world.replays.read(slow.id);
  expect(stored?.state).toBe("running");
  expect(stored?.counts.sent).toBeGreaterThanOrEqual(20);
  expect(stored?.counts.sent).toBeLessThan(60);
  expect(world.clock.now()).toBeLessThanOrEqual(began + 40_000);
});

test("no job, no work", async () => {
  const world = replayWorld({
    archive: {
      objects: () => Promise.reject(new Error("asked")),
      lines: () => {
        throw new Error("asked");
      },
    },
  });
  await replayTask(world.deps).run(START + 40_000);
});

test("cancelling ends a running job, says who did, and leaves what has ended", async () => {
  const world = replayWorld();
  const job = await world.create(ALL);
  const cancelled = await cancelReplay(job.id, "key:k2", world.deps);
  expect(cancelled).toMatchObject({ state: "cancelled", reason: "cancelled by key:k2" });
  expect(await world.replays.read(job.id)).toEqual(cancelled);
  expect(await cancelReplay(job.id, "key:k3", world.deps)).toEqual(cancelled);
  expect(await cancelReplay("none", "key:k3", world.deps)).toBeUndefined();
});

test("cancelling wins over the progress of a worker, after however many tries it takes", async () => {
  const world = replayWorld();
  await world.replays.save(replayJob({ id: "busy" }));
  let reads = 0;
  const replays = {
    ...world.replays,
    async read(id: string) {
      const job = await world.replays.read(id);
      if (job !== undefined && ++reads <= 3) await world.replays.save({ ...job, version: job.version + 1 });
      return job;
    },
  };
  expect(await cancelReplay("busy", "key:k1", { ...world.deps, replays })).toMatchObject({
    state: "cancelled",
    version: 5,
  });
});
