import { createMemoryLaneControls } from "../../src/adapters/memory/lane-controls.ts";
import { createMemoryLaneIntakes } from "../../src/adapters/memory/lane-intakes.ts";
import { close, pause, probe, stop } from "../../src/core/breaker.ts";
import { DAY_MS, MINUTE_MS } from "../../src/core/durations.ts";
import type { LaneControl } from "../../src/core/lane-control.ts";
import { createLaneWatch } from "../../src/pipeline/lane-watch.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const LANES = ["meta", "ga4", "webhook"];
const given = { now: NOW, retryWindowMs: DAY_MS, reason: "status 503" };

function world() {
  const clock = fixedClock(NOW);
  const controls = createMemoryLaneControls();
  const intakes = createMemoryLaneIntakes();
  const metrics = recordingMetrics();
  const log = recordingLog();
  const ports = { lanes: LANES, controls, intakes, clock, metrics, log };
  const run = (changes: Partial<typeof ports> = {}) =>
    createLaneWatch({ ...ports, ...changes }).run(clock.now() + 45_000);
  const save = async (control: LaneControl) => expect(await controls.save(control)).toBe(true);
  return { clock, controls, intakes, log, metrics, run, save };
}

test("a paused lane is not polled, and each minute counts; the others are left alone", async () => {
  const { clock, intakes, metrics, run, save } = world();
  await save(pause("ga4", undefined, { ...given, by: "key:1" }));
  await run();
  expect([...intakes.closed]).toEqual(["ga4"]);
  clock.set(NOW + MINUTE_MS);
  await run();
  expect(metrics.total("LaneStopped", { destination: "ga4" })).toBe(2);
  expect(metrics.total("LaneStopped")).toBe(2);
});

test("an open lane is polled for its probe only, and again when it is closed", async () => {
  const { clock, intakes, run, save } = world();
  const open = stop("meta", undefined, { ...given, cause: "throttled", afterMs: 10 * MINUTE_MS });
  await save(open);
  const polled: boolean[] = [];
  for (let minute = 0; minute <= 10; minute += 1) {
    clock.set(NOW + minute * MINUTE_MS);
    await run();
    polled.push(await intakes.isOpen("meta"));
  }
  expect(polled).toEqual([...Array.from({ length: 9 }, () => false), true, true]);
  const half = probe(open, clock.now(), MINUTE_MS);
  await save(half);
  await run();
  expect(await intakes.isOpen("meta")).toBe(true);
  await save(close(half, { now: clock.now(), reason: "a probe passed" }));
  await run();
  expect(await intakes.isOpen("meta")).toBe(true);
});

test("a deployment's switch is put right, and a run that is lost is made up for", async () => {
  const { intakes, run, save } = world();
  await save(pause("ga4", undefined, { ...given, by: "key:1" }));
  await intakes.set("webhook", false);
  await run();
  expect([...intakes.closed]).toEqual(["ga4"]);
  await intakes.set("ga4", true);
  await run();
  expect([...intakes.closed]).toEqual(["ga4"]);
});

test("nothing is asked for that is so already", async () => {
  const { intakes, run } = world();
  const set: string[] = [];
  await run({ intakes: { ...intakes, isOpen: intakes.isOpen, set: async (lane) => void set.push(lane) } });
  expect(set).toEqual([]);
});

test("a stopped lane is polled again before its queue forgets, so that what it holds can be given up in sight", async () => {
  const { clock, intakes, run, save } = world();
  await save(pause("meta", undefined, { ...given, by: "key:1" }));
  clock.set(NOW + 10.9 * DAY_MS);
  await run();
  expect(await intakes.isOpen("meta")).toBe(false);
  clock.set(NOW + 11 * DAY_MS);
  await run();
  expect(await intakes.isOpen("meta")).toBe(true);
});

test("one lane that cannot be switched keeps no other from it, and the run says so", async () => {
  const { intakes, log, metrics, run, save } = world();
  for (const lane of LANES) await save(pause(lane, undefined, { ...given, by: "key:1" }));
  const set = async (lane: string, open: boolean) => {
    if (lane === "ga4") throw new TypeError("no");
    await intakes.set(lane, open);
  };
  await expect(run({ intakes: { ...intakes, set } })).rejects.toThrow("1 of 3 lanes");
  expect([...intakes.closed]).toEqual(["meta", "webhook"]);
  expect(metrics.total("LaneStopped")).toBe(3);
  expect(log.lines.join()).toContain('"lane":"ga4"');
});

test("without time left, lanes are counted and not switched", async () => {
  const { clock, controls, intakes, log, metrics, save } = world();
  await save(pause("meta", undefined, { ...given, by: "key:1" }));
  const watch = createLaneWatch({ lanes: LANES, controls, intakes, clock, metrics, log });
  await expect(watch.run(NOW)).rejects.toThrow("3 of 3 lanes");
  expect(intakes.closed.size).toBe(0);
  expect(metrics.total("LaneStopped")).toBe(1);
});

test("controls that cannot be read switch nothing: a stopped lane would be polled, or a closed one not", async () => {
  const { intakes, run } = world();
  await intakes.set("meta", false);
  const controls = { read: async () => Promise.reject(new Error("no table")) };
  await expect(run({ controls: { ...controls, save: async () => false } })).rejects.toThrow("no table");
  expect([...intakes.closed]).toEqual(["meta"]);
});
