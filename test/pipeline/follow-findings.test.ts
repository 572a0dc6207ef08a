import { createMemoryFindingStore } from "../../src/adapters/memory/finding-store.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { SeriesRequest } from "../../src/core/finding.ts";
import type { QualityCell } from "../../src/core/quality-rollup.ts";
import { qualityDrop } from "../../src/detectors/quality-drop.ts";
import { volumeDrop } from "../../src/detectors/volume-drop.ts";
import { detect } from "../../src/pipeline/detect.ts";
import { keepVerdict } from "../../src/pipeline/follow-findings.ts";
import { FINDING } from "../support/finding-store-suite.ts";
import { recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

/** A Monday. */
const START = Date.parse("2026-10-05T00:00:00Z");
const WEEK_MS = 7 * DAY_MS;
const END = START + 12 * WEEK_MS;

/** Seeded: the same weeks in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Events of an hour: hardly any at night, more at the weekend, and some luck. */
function usualEvents(hour: number, random: () => number): number {
  const utc = new Date(hour);
  const byDay = Math.max(0, Math.sin((Math.PI * (utc.getUTCHours() - 6)) / 16));
  const weekend = [0, 6].includes(utc.getUTCDay()) ? 1.5 : 1;
  const middle = 1 + 300 * byDay * weekend;
  return Math.max(0, Math.round(middle + Math.sqrt(middle) * 2 * (random() - 0.5)));
}

/** Twelve weeks of events of one source; `factor` says which part of the usual arrives. */
function metricsOf(factor: (hour: number) => number) {
  const random = randomFrom(7);
  const points = new Map<number, number>();
  for (let hour = START; hour < END; hour += HOUR_MS) {
    const events = Math.round(usualEvents(hour, random) * factor(hour));
    if (events > 0) points.set(hour, events);
  }
  return {
    async hourlySums(requests: readonly SeriesRequest[], from: number, to: number) {
      const within = new Map([...points].filter(([hour]) => hour >= from && hour < to));
      return requests.map((request) => ({ ...request, points: within }));
    },
  };
}

/** Runs the detector of volume every hour from the ninth week on. */
async function watchVolume(factor: (hour: number) => number) {
  const [store, metrics, log] = [createMemoryFindingStore(), recordingMetrics(), recordingLog()];
  const monitored = { sources: ["web"], keyEvents: [], destinations: [] };
  const reader = metricsOf(factor);
  for (let end = START + 8 * WEEK_MS; end <= END; end += HOUR_MS) {
    await detect(end + 5 * 60_000, { detectors: [volumeDrop], monitored, reader, store, metrics, log });
  }
  const told = metrics.total("AnomaliesFound", { detector: "volume_drop" });
  return { findings: store.findings(), told, log };
}

test("weeks in which nothing breaks have no finding", async () => {
  expect(await watchVolume(() => 1)).toMatchObject({ findings: [], told: 0 });
});

test("a source that is silent for five days and nights is one finding with an end, told once a day", async () => {
  const from = START + 9 * WEEK_MS + DAY_MS + 10 * HOUR_MS;
  const until = from + 5 * DAY_MS;
  const { findings, log, told } = await watchVolume((hour) => (hour >= from && hour < until ? 0 : 1));
  expect(findings).toMatchObject([{ subject: "source/web", began_at: from, ended_at: until, severity: "critical" }]);
  expect(findings[0]?.window.end).toBe(until);
  expect(told).toBe(5);
  const said = log.lines.map((line) => /anomaly [a-z ]+/.exec(line)?.[0]);
  expect(said).toEqual(["anomaly found", ...Array.from({ length: 4 }, () => "anomaly lasts"), "anomaly is over"]);
});

test("what breaks again after it was mended is another finding, what still breaks has no end", async () => {
  const first = START + 9 * WEEK_MS + 9 * HOUR_MS;
  const second = first + 6 * HOUR_MS;
  const third = END - 9 * HOUR_MS;
  const breaks = (hour: number) =>
    (hour >= first && hour < first + 2 * HOUR_MS) || (hour >= second && hour < second + HOUR_MS) || hour >= third;
  const { findings, told } = await watchVolume((hour) => (breaks(hour) ? 0.1 : 1));
  expect(findings.map(({ began_at, ended_at }) => [began_at, ended_at])).toEqual([
    [first, first + 2 * HOUR_MS],
    [second, second + HOUR_MS],
    [third, undefined],
  ]);
  expect(told).toBe(3);
});

test("an e-mail that is lost for a week is one finding, by day in an hour's window and at night in a day's", async () => {
  const from = START + 9 * WEEK_MS + 12 * HOUR_MS;
  const until = from + WEEK_MS;
  const random = randomFrom(11);
  const cells = new Map<number, QualityCell[]>();
  for (let hour = START; hour < END; hour += HOUR_MS) {
    const events = Math.round(usualEvents(hour, random) / 3);
    const share = hour >= from && hour < until ? 0.2 : 0.8;
    const emails = Math.min(events, Math.max(0, Math.round(events * (share + 0.04 * (random() - 0.5)))));
    const sent = { email: [emails, emails * 100] as const };
    const cell: QualityCell = {
      source: "web",
      event: "purchase",
      lane: "meta",
      events,
      tenths: 0,
      sent,
      gains: { email: 40 },
    };
    cells.set(hour, events === 0 ? [] : [cell]);
  }
  const [store, log] = [createMemoryFindingStore(), recordingLog()];
  const told: string[] = [];
  const lengths = new Set<number>();
  for (let end = START + 8 * WEEK_MS; end <= END; end += HOUR_MS) {
    const wanted = [end - HOUR_MS, ...qualityDrop.hours(end)];
    const known = new Map(wanted.flatMap((hour) => (cells.has(hour) ? [[hour, cells.get(hour) ?? []] as const] : [])));
    const verdict = qualityDrop.detect(known, end);
    for (const { window } of verdict.found) lengths.add((window.end - window.start) / HOUR_MS);
    const period = { detector: "quality_drop", windowEnd: end };
    told.push(...(await keepVerdict(verdict, period, end, { store, log })).map(({ why }) => why));
  }
  expect(store.findings()).toMatchObject([{ subject: "quality/meta/web/purchase", began_at: from }]);
  const [{ ended_at: endedAt = 0 } = {}] = store.findings();
  expect(Math.abs(endedAt - until)).toBeLessThanOrEqual(12 * HOUR_MS);
  expect(lengths.size).toBeGreaterThan(1);
  expect(told).toEqual(["began", ...Array.from({ length: told.length - 1 }, () => "lasts")]);
  expect(told.length).toBeGreaterThanOrEqual(7);
  expect(told.length).toBeLessThanOrEqual(8);
});

test("an hour without anything open costs one read and no write; one with it a write more than it has findings", async () => {
  const memory = createMemoryFindingStore();
  const calls: string[] = [];
  const store = new Proxy(memory, {
    get(target, name: keyof typeof memory) {
      return (...args: never[]) => {
        calls.push(name);
        return (target[name] as (...all: never[]) => unknown)(...args);
      };
    },
  });
  const log = recordingLog();
  const period = (windowEnd: number) => ({ detector: "volume_drop", windowEnd });
  const { end } = FINDING.window;
  await keepVerdict({ found: [], quiet: ["key_event/purchase"] }, period(end - HOUR_MS), 1, { store, log });
  expect(calls.splice(0)).toEqual(["readOpen"]);
  await keepVerdict({ found: [FINDING], quiet: [] }, period(end), 1, { store, log });
  expect(calls.splice(0)).toEqual(["readOpen", "save", "saveOpen"]);
});
