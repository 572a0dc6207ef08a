import { createMemoryLaneControls } from "../../src/adapters/memory/lane-controls.ts";
import { createMemoryLaneIntakes } from "../../src/adapters/memory/lane-intakes.ts";
import { probe, stop } from "../../src/core/breaker.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { LaneControl } from "../../src/core/lane-control.ts";
import { pauseLane, resumeLane } from "../../src/ops/lanes.ts";
import type { LaneControlStore } from "../../src/pipeline/lane-control-ports.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const pauseIt = { lane: "meta", reason: "account moves", by: "key:7", now: NOW, retryWindowMs: DAY_MS };
const resumeIt = { lane: "meta", by: "key:8", now: NOW + 60_000 };
const OPEN = stop("meta", undefined, {
  now: NOW - 5_000,
  retryWindowMs: DAY_MS,
  reason: "bad token",
  cause: "unauthorized",
});

function world() {
  const store = createMemoryLaneControls();
  const intakes = createMemoryLaneIntakes();
  const stored = async () => (await store.read(["meta"]))[0];
  return { store, intakes, stored };
}

test("a pause is stored with who and why, and the queue is polled no more; a resume undoes both", async () => {
  const { intakes, store, stored } = world();
  const paused = await pauseLane(pauseIt, store, intakes);
  expect(paused).toMatchObject({ state: "paused", reason: "account moves", by: "key:7", since: NOW, stopped_at: NOW });
  expect(await stored()).toEqual(paused);
  expect([...intakes.closed]).toEqual(["meta"]);
  const resumed = await resumeLane(resumeIt, store, intakes);
  expect(resumed).toMatchObject({ state: "closed", by: "key:8", resumed_at: NOW + 60_000 });
  expect(await stored()).toEqual(resumed);
  expect(intakes.closed.size).toBe(0);
});

test("a person's word goes before the breaker's: what it opened is resumed, what it probes is paused", async () => {
  const { intakes, store, stored } = world();
  await store.save(OPEN);
  expect(await resumeLane(resumeIt, store, intakes)).toMatchObject({ state: "closed", version: 2 });
  const again = stop("meta", await stored(), {
    now: NOW,
    retryWindowMs: DAY_MS,
    reason: "bad token",
    cause: "failures",
  });
  await store.save(again);
  await store.save(probe(again, NOW, 1_000));
  expect(await pauseLane(pauseIt, store, intakes)).toMatchObject({ state: "paused" });
});

test("a lane that flows is not written by a resume, but polled for sure", async () => {
  const { intakes, store, stored } = world();
  await intakes.set("meta", false);
  expect(await resumeLane(resumeIt, store, intakes)).toMatchObject({ lane: "meta", state: "closed", version: 0 });
  expect(await stored()).toBeUndefined();
  expect(intakes.closed.size).toBe(0);
});

test("who does not know the retry window reckons with the longest", async () => {
  const { intakes, store } = world();
  const { retryWindowMs: _, ...without } = pauseIt;
  expect((await pauseLane(without, store, intakes)).held_since).toBe(NOW - 13 * DAY_MS);
});

test("a worker that writes meanwhile is written over: the pause is tried again on what it wrote", async () => {
  const { intakes, store, stored } = world();
  let isFirst = true;
  const racing: LaneControlStore = {
    read: (lanes, options) => {
      expect(options).toEqual({ isConsistent: true });
      return store.read(lanes, options);
    },
    async save(control) {
      if (isFirst) await store.save(OPEN);
      isFirst = false;
      return store.save(control);
    },
  };
  await pauseLane(pauseIt, racing, intakes);
  expect(await stored()).toMatchObject({ state: "paused", version: 2, stopped_at: OPEN.stopped_at });
});

test("one that never lets go is told as such, and nothing is switched", async () => {
  const { intakes, store } = world();
  const busy: LaneControlStore = { ...store, save: async (_: LaneControl) => false };
  await expect(pauseLane(pauseIt, busy, intakes)).rejects.toMatchObject({ status: 409, code: "lane_busy" });
  expect(intakes.closed.size).toBe(0);
});

test("a switch that fails does not undo the pause: within a minute it is made", async () => {
  const { intakes, store, stored } = world();
  const broken = { ...intakes, set: async () => Promise.reject(new Error("busy")) };
  await pauseLane(pauseIt, store, broken);
  expect(await stored()).toMatchObject({ state: "paused" });
  await resumeLane(resumeIt, store, broken);
  expect(await stored()).toMatchObject({ state: "closed" });
});
