import { createMemoryFindingStore } from "../../src/adapters/memory/finding-store.ts";
import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { QualityHours } from "../../src/core/finding.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import type { QualityCell } from "../../src/core/quality-rollup.ts";
import type { ReconciledHour } from "../../src/core/reconciliation.ts";
import { QUALITY_DETECTORS } from "../../src/detectors/registry.ts";
import { countAnomalies, detectInQuality } from "../../src/pipeline/quality-detection.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";
import { RECONCILED } from "../support/reconciliation-store-suite.ts";

const { hour: HOUR } = RECONCILED;

function account(hour: number, emails: number, version = MATCH_QUALITY_VERSION): ReconciledHour {
  const sent = { email: [emails, emails * 100] as const };
  const gains = { email: 40 };
  const cell: QualityCell = { source: "web", event: "purchase", lane: "meta", events: 200, tenths: 0, sent, gains };
  return { ...RECONCILED, hour, quality: { version, cells: emails < 0 ? [] : [cell] } };
}

function world() {
  const results = createMemoryReconciliationStore();
  const reads: number[] = [];
  const findings = createMemoryFindingStore();
  const deps = {
    qualityDetectors: QUALITY_DETECTORS,
    results: {
      read(hours: readonly number[]) {
        reads.push(hours.length);
        return results.read(hours);
      },
    },
    findings,
    metrics: recordingMetrics(),
    log: recordingLog(),
    clock: fixedClock(HOUR + 2 * HOUR_MS),
  };
  const weeks = async (version?: number) => {
    for (let week = 1; week <= 4; week += 1) await results.save(account(HOUR - week * 7 * DAY_MS, 160, version));
  };
  return { deps, findings, reads, weeks };
}

test("a fall against the accounts of past weeks is kept, logged and counted; found again, it stays one", async () => {
  const { deps, findings, weeks } = world();
  await weeks();
  for (let run = 0; run < 2; run += 1) {
    const told = await detectInQuality(account(HOUR, 20), [], deps);
    expect(told).toMatchObject([
      { why: "began", finding: { subject: "quality/meta/web/purchase", severity: "critical" } },
    ]);
    countAnomalies(told, deps);
  }
  expect(findings.findings()).toHaveLength(1);
  expect(deps.metrics.total("AnomaliesFound", { detector: "quality_drop" })).toBe(2);
});

test("hours that were judged in the same run count before a read sees them", async () => {
  const { deps } = world();
  const justJudged = [1, 2, 3].map((week) => account(HOUR - week * 7 * DAY_MS, 160));
  expect(await detectInQuality(account(HOUR, 20), justJudged, deps)).toHaveLength(1);
});

test("accounts of other rules say nothing, and a quiet run counts zero", async () => {
  const { deps, weeks } = world();
  await weeks(MATCH_QUALITY_VERSION - 1);
  const found = await detectInQuality(account(HOUR, 20), [], deps);
  expect(found).toEqual([]);
  const counted: unknown[] = [];
  countAnomalies(found, { ...deps, metrics: { add: (...point) => counted.push(point), flush() {} } });
  expect(counted).toEqual([["AnomaliesFound", 0, { detector: "quality_drop" }]]);
});

test("of an hour of very many kinds those of most events are looked at, and only they are held", async () => {
  const { deps, reads } = world();
  const cells = Array.from({ length: 1_000 }, (_, n): QualityCell => {
    return { source: `s-${n}`, event: "purchase", lane: "meta", events: 2_000 - n, tenths: 0, sent: {}, gains: {} };
  });
  const full = (at: number) => ({ ...account(at, 0), quality: { version: MATCH_QUALITY_VERSION, cells } });
  const past = full(HOUR - 7 * DAY_MS);
  const held: string[][] = [];
  const looking = {
    id: "looking",
    hours: () => [past.hour, ...Array.from({ length: 269 }, (_, n) => HOUR - (n + 1) * HOUR_MS)],
    detect(hours: QualityHours) {
      held.push(...[...hours.values()].map((kept) => kept.map(({ source }) => source)));
      return { found: [], quiet: [] };
    },
  };
  await detectInQuality(full(HOUR), [past], { ...deps, qualityDetectors: [looking] });
  const first = Array.from({ length: 300 }, (_, n) => `s-${n}`);
  expect(held).toEqual([first, first]);
  expect(reads).toEqual([48, 48, 48, 48, 48, 29]);
});

test("a fall of what fell silent for a week is over, although no hour since has events", async () => {
  const { deps, findings, reads, weeks } = world();
  await weeks();
  await detectInQuality(account(HOUR, 20), [], deps);
  const before = reads.length;
  for (let hours = 1; hours < 7 * 24; hours += 1) await detectInQuality(account(HOUR + hours * HOUR_MS, -1), [], deps);
  expect(findings.findings()[0]).not.toHaveProperty("ended_at");
  await detectInQuality(account(HOUR + 7 * DAY_MS, -1), [], deps);
  expect(findings.findings()).toMatchObject([{ began_at: HOUR, ended_at: HOUR + HOUR_MS }]);
  expect(reads).toHaveLength(before);
});

test("an hour without events, and one without an archive, cost no read of accounts", async () => {
  const { deps, reads } = world();
  const { quality: _, ...withoutArchive } = account(HOUR, 20);
  expect(await detectInQuality(account(HOUR, -1), [], deps)).toEqual([]);
  expect(await detectInQuality(withoutArchive, [], deps)).toEqual([]);
  expect(reads).toEqual([]);
});
