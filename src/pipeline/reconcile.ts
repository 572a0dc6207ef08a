import { HOUR_MS, MINUTE_MS } from "../core/durations.ts";
import type { FollowedFinding, QualityDetector } from "../core/finding.ts";
import type { Told } from "../core/lasting-findings.ts";
import { MATCH_QUALITY_VERSION } from "../core/match-quality.ts";
import type { ReconciledHour, ReconciledLane } from "../core/reconciliation.ts";
import type { FindingStore } from "./detect-ports.ts";
import type { Clock, Log, Metrics } from "./ports.ts";
import { countAnomalies, detectInQuality } from "./quality-detection.ts";
import { type CountsScope, type HourCounts, readCounts } from "./reconcile-counts.ts";
import { type HourContents, type LanesScope, readHour } from "./reconcile-lanes.ts";
import type { QueueDepths, ReconciliationStore } from "./reconcile-ports.ts";
import { type Difference, differencesOf } from "./reconcile-text.ts";

/**
 * How long after its end an hour is judged first: Firehose gathers for up to a quarter of an hour, and enrich and the
 * lanes have had time to try again what failed for a moment.
 */
const SETTLE_MS = 80 * MINUTE_MS;

/** Added to the retry window before the last look, ms: a message that could not be put off comes back by then. */
const LAST_LOOK_MARGIN_MS = 2 * HOUR_MS;

/** Hours that a run catches up with when earlier runs failed, besides those that are looked at for the last time. */
const MOST_HOURS = 12;

/** How far back a run looks for hours that were not judged. */
const LOOK_BACK_HOURS = 24;

/** What a run works with; counts come from metrics, single events from the archive and their receipts. */
export interface ReconcileDeps extends Omit<CountsScope, "depths">, Omit<LanesScope, "archive" | "depths"> {
  readonly depths: QueueDepths;
  /** Absent where the configuration turns it off: then only counts are compared. */
  readonly archive?: LanesScope["archive"];
  /** How long events of an hour can be looked up: the shorter of the archive's and the receipts' lives, ms. */
  readonly keptMs: number;
  readonly results: ReconciliationStore;
  readonly findings: FindingStore;
  /** Look at the match quality of each hour that is judged. */
  readonly qualityDetectors: readonly QualityDetector[];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Judges the hours that are due: each once when it has settled, and once more after the last deadline of its events if
 * some had no end by then. Stops before `deadline` (epoch ms); the next run goes on. Answers what it judged.
 */
export async function reconcile(deadline: number, deps: ReconcileDeps): Promise<ReconciledHour[]> {
  const due = await dueHours(deps.clock.now(), deps);
  return judgeHours(due, deadline, deps);
}

/** An hour that is to be judged. */
export interface DueHour {
  readonly hour: number;
  /** The look after the last deadline. */
  readonly isFinal: boolean;
  /** What the first look found. */
  readonly previous?: ReconciledHour;
  /** By hour: what was told as missing in the day before. */
  readonly missingBefore: ReadonlyMap<number, number>;
}

/** Judges these hours, oldest first, and counts what of it is new. */
export async function judgeHours(
  due: readonly DueHour[],
  deadline: number,
  deps: ReconcileDeps,
): Promise<ReconciledHour[]> {
  const now = deps.clock.now();
  const judged: ReconciledHour[] = [];
  // CloudWatch forgets the fine counts, and a queue has other messages by now: what the first look counted stands.
  const uncounted = due.flatMap(({ hour, previous }) => (previous === undefined ? [hour] : []));
  const countsOf = uncounted.length === 0 ? undefined : await readCounts(uncounted, now, deps);
  const missing = new Map(due.flatMap(({ missingBefore }) => [...missingBefore]));
  const anomalies: Told[] = [];
  let found = 0;
  for (const it of due) {
    if (deps.clock.now() >= deadline) break;
    const counts = it.previous === undefined ? countsOf?.(it.hour, sumBefore(missing, it.hour)) : undefined;
    const { differences, result } = await judgeHour(it, counts, { now, deps });
    missing.set(it.hour, result.missing);
    found += await report(it, differences, { now, deps });
    if (it.previous === undefined) anomalies.push(...(await detectInQuality(result, judged, deps)));
    // Last: a run that dies before it judges the hour again, and finds the same.
    await deps.results.save(result);
    judged.push(result);
  }
  // Zero is emitted too: the alarm must see that the hour after the loss was a good one.
  deps.metrics.add("ReconciliationDifferences", found);
  countAnomalies(anomalies, deps);
  return judged;
}

/** Oldest first, so that what is missing in one hour is not told again as missing in the day of the next. */
async function dueHours(now: number, { keptMs, results, retryWindowMs }: ReconcileDeps): Promise<DueHour[]> {
  const newest = Math.floor((now - SETTLE_MS) / HOUR_MS) * HOUR_MS - HOUR_MS;
  const lastLookAfter = Math.min(retryWindowMs + LAST_LOOK_MARGIN_MS, keptMs);
  const newestFinal = Math.floor((now - lastLookAfter) / HOUR_MS) * HOUR_MS - HOUR_MS;
  const recent = hoursBack(newest, LOOK_BACK_HOURS);
  const final = hoursBack(Math.min(newestFinal, newest), LOOK_BACK_HOURS);
  const hours = [...new Set([...final, ...recent])].sort((a, b) => a - b);
  const stored = await results.read(hours);
  const missingBefore = new Map(stored.flatMap((it) => (it === undefined ? [] : [[it.hour, it.missing] as const])));
  const due = hours.flatMap((hour, index): DueHour[] => {
    const previous = stored[index];
    const isFinal = hour <= newestFinal;
    if (previous === undefined) return recent.includes(hour) ? [{ hour, isFinal, missingBefore }] : [];
    return isFinal && !previous.settled ? [{ hour, isFinal, previous, missingBefore }] : [];
  });
  const first = due.filter(({ previous }) => previous === undefined).slice(-MOST_HOURS);
  return due.filter((it) => it.previous !== undefined || first.includes(it));
}

function hoursBack(newest: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => newest - index * HOUR_MS);
}

function sumBefore(missing: ReadonlyMap<number, number>, hour: number): number {
  return hoursBack(hour - HOUR_MS, LOOK_BACK_HOURS - 1).reduce((sum, it) => sum + (missing.get(it) ?? 0), 0);
}

const NOTHING = { accepted: 0, refused: 0, claimed: 0, duplicates: 0, quarantined: 0, dropped_by_queue: 0, missing: 0 };

const EMPTY: HourContents = { events: 0, lines: 0, unreadable: 0, lanes: [], quality: [], sensitive: [] };

interface RunScope {
  readonly now: number;
  readonly deps: ReconcileDeps;
}

async function judgeHour(
  { hour, isFinal, previous }: DueHour,
  counts: HourCounts | undefined,
  { now, deps }: RunScope,
): Promise<{ result: ReconciledHour; differences: Difference[] }> {
  const { archive } = deps;
  const contents =
    archive === undefined
      ? undefined
      : counts?.isIdle
        ? EMPTY
        : await readHour(hour, now, isFinal, { ...deps, archive });
  const counted = counts ?? previous ?? NOTHING;
  const unarchived = counts === undefined ? (previous?.unarchived ?? 0) : unarchivedOf(counts, contents);
  const differences = differencesOf({ hour, missing: counted.missing, unarchived, contents });
  const lanes = contents?.lanes.map(laneOf) ?? [];
  const result: ReconciledHour = {
    hour,
    judged_at: now,
    settled: isFinal || lanes.every(({ waiting, unexplained }) => waiting === 0 && unexplained === 0),
    accepted: counted.accepted,
    refused: counted.refused,
    claimed: counted.claimed,
    duplicates: counted.duplicates,
    quarantined: counted.quarantined,
    dropped_by_queue: counted.dropped_by_queue,
    missing: counted.missing,
    ...(contents === undefined ? {} : { archived: contents.events }),
    unarchived,
    unreadable: contents?.unreadable ?? 0,
    lanes,
    differences: differences.map(({ sentence }) => sentence),
    ...(contents === undefined ? {} : rollups(contents)),
  };
  return { result, differences };
}

function rollups({ quality, sensitive }: HourContents): Pick<ReconciledHour, "quality" | "sensitive"> {
  return { quality: { version: MATCH_QUALITY_VERSION, cells: quality }, sensitive };
}

function unarchivedOf(counts: HourCounts, contents: HourContents | undefined): number {
  return contents === undefined ? 0 : Math.max(0, counts.archived - contents.lines) + counts.notArchived;
}

function laneOf({
  expected,
  lane,
  more,
  outcomes,
  unexplained,
  waiting,
}: HourContents["lanes"][number]): ReconciledLane {
  return { lane, expected, outcomes, waiting, unexplained: unexplained.length + more };
}

/** Keeps each difference as a finding; answers how many events are concerned that were not in an earlier look. */
async function report(
  { hour, previous }: DueHour,
  differences: readonly Difference[],
  { now, deps }: RunScope,
): Promise<number> {
  let found = 0;
  for (const { events, sentence, severity, subject } of differences) {
    const window = { start: hour, end: hour + HOUR_MS };
    // Of this hour's events, and of no others: what the next hour lacks is another difference.
    const finding: FollowedFinding = {
      detector: "reconciliation",
      subject,
      window,
      began_at: window.start,
      ended_at: window.end,
      severity,
      observed: events,
      expected: { low: 0, high: 0 },
      basis: 0,
      sentence,
    };
    await deps.findings.save(finding, now);
    deps.log.warn("reconciliation found a difference", { subject, severity, events, sentence });
    found += events;
  }
  return previous === undefined ? found : Math.max(0, found - toldBefore(previous));
}

function toldBefore({ lanes, missing, unarchived }: ReconciledHour): number {
  return lanes.reduce((sum, { unexplained }) => sum + unexplained, missing + unarchived);
}
