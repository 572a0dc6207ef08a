import { createMemoryFindingStore } from "../../src/adapters/memory/finding-store.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import { type Detector, defineDetector, type SeriesRequest } from "../../src/core/finding.ts";
import { volumeDrop } from "../../src/detectors/volume-drop.ts";
import { type DetectDeps, detect, SETTLE_MS } from "../../src/pipeline/detect.ts";
import { FINDING } from "../support/finding-store-suite.ts";
import { recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

const HOUR = Date.parse("2026-11-23T14:00:00Z");
const NOW = HOUR + 5 * 60_000;

/** Metrics in which every series has `usual` events an hour for 30 days, and `last` in the last one. */
function reader(usual: number, last: number) {
  const reads: { subjects: string[]; from: number; to: number }[] = [];
  return {
    reads,
    async hourlySums(requests: readonly SeriesRequest[], from: number, to: number) {
      reads.push({ subjects: requests.map(({ subject }) => subject), from, to });
      const points = new Map<number, number>();
      for (let hour = from; hour < to; hour += HOUR_MS) points.set(hour, usual);
      points.set(HOUR - HOUR_MS, last);
      return requests.map((request) => ({ ...request, points }));
    },
  };
}

function setUp(changes: Partial<DetectDeps> = {}) {
  const metrics = recordingMetrics();
  const log = recordingLog();
  const store = createMemoryFindingStore();
  const deps: DetectDeps = {
    detectors: [volumeDrop],
    monitored: { sources: ["web"], keyEvents: ["purchase"], destinations: ["meta"] },
    reader: reader(100, 1),
    store,
    metrics,
    log,
    ...changes,
  };
  return { deps, metrics, log, store };
}

const failing: Detector = defineDetector({
  id: "failing",
  lookbackHours: 1,
  series: () => {
    throw new Error("cannot look");
  },
  detect: () => ({ found: [], quiet: [] }),
});

test("keeps what it finds once, and tells it again when the hour is judged again: the first time may not have got through", async () => {
  const { deps, metrics, log, store } = setUp();
  await detect(NOW, deps);
  await detect(NOW + 10 * 60_000, deps);
  expect(store.findings().map(({ found_at, observed, subject }) => [subject, observed, found_at])).toEqual([
    ["source/web", 1, NOW],
    ["key_event/purchase", 1, NOW],
    ["destination/meta", 1, NOW],
  ]);
  expect(metrics.total("AnomaliesFound", { detector: "volume_drop" })).toBe(6);
  expect(metrics.total("Heartbeat")).toBe(2);
  expect(log.lines).toHaveLength(6);
});

test("a good hour counts zero anomalies, so that the alarm ends", async () => {
  const added: unknown[] = [];
  const metrics = { add: (...args: unknown[]) => void added.push(args), flush() {} };
  const { deps, store } = setUp({ reader: reader(100, 100), metrics });
  expect(await detect(NOW, deps)).toEqual([]);
  expect(store.findings()).toEqual([]);
  expect(added).toEqual([
    ["AnomaliesFound", 0, { detector: "volume_drop" }],
    ["Heartbeat", 1],
  ]);
});

test("judges the last hour whose metrics are complete, with the past the detector asks for", async () => {
  const source = reader(100, 100);
  const { deps } = setUp({ reader: source });
  await detect(NOW, deps);
  await detect(HOUR + SETTLE_MS - 1, deps);
  expect(source.reads.map(({ from, to }) => [from, to])).toEqual([
    [HOUR - 28 * DAY_MS - 2 * HOUR_MS, HOUR],
    [HOUR - 28 * DAY_MS - 3 * HOUR_MS, HOUR - HOUR_MS],
  ]);
});

test("a detector that fails stops no other, and fails the run", async () => {
  const { deps, metrics, log, store } = setUp({ detectors: [failing, volumeDrop] });
  await expect(detect(NOW, deps)).rejects.toThrow("1 of 2 detectors failed");
  expect(store.findings()).toHaveLength(3);
  expect(metrics.total("AnomaliesFound", { detector: "volume_drop" })).toBe(3);
  expect(metrics.total("Heartbeat")).toBe(0);
  expect(log.lines[0]).toContain("cannot look");
});

test("a finding that cannot be kept fails the run: it must not be counted and lost", async () => {
  const broken = { ...createMemoryFindingStore(), save: () => Promise.reject(new Error("throttled")) };
  const { deps, metrics } = setUp({ store: broken });
  await expect(detect(NOW, deps)).rejects.toThrow("1 of 1 detectors failed");
  expect(metrics.total("Heartbeat")).toBe(0);
});

test("a detector with nothing to watch reads nothing", async () => {
  const source = reader(100, 0);
  const { deps } = setUp({ reader: source, monitored: { sources: [], keyEvents: [], destinations: [] } });
  expect(await detect(NOW, deps)).toEqual([]);
  expect(source.reads).toEqual([]);
});

test("other detectors drop in", async () => {
  const always = defineDetector({
    id: "always",
    lookbackHours: 1,
    series: () => [{ subject: "s", label: "s", metric: "EventsClaimed", dimensions: {} }],
    detect: () => ({ found: [{ ...FINDING, detector: "always" }], quiet: [] }),
  });
  const { deps, store } = setUp({ detectors: [always] });
  await detect(NOW, deps);
  expect(store.findings()).toMatchObject([{ detector: "always" }]);
});
