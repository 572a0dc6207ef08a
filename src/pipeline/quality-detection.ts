import { HOUR_MS } from "../core/durations.ts";
import type { Finding, QualityDetector } from "../core/finding.ts";
import { MATCH_QUALITY_VERSION } from "../core/match-quality.ts";
import type { QualityCell } from "../core/quality-rollup.ts";
import type { ReconciledHour } from "../core/reconciliation.ts";
import { keepFinding } from "./detect.ts";
import type { FindingStore } from "./detect-ports.ts";
import type { Clock, Log, Metrics } from "./ports.ts";
import type { ReconciliationStore } from "./reconcile-ports.ts";

/**
 * Kinds of source, event and destination of an hour that are looked at, those of most events. The function has half a
 * gigabyte, and 270 hours of a thousand kinds would take most of it.
 */
const MOST_KINDS = 300;
/** Accounts that are read at once, for the same reason: what is not looked at is let go. */
const ACCOUNTS_AT_ONCE = 48;

/** What the detectors of match quality work with. */
export interface QualityDetectionDeps {
  readonly qualityDetectors: readonly QualityDetector[];
  readonly results: Pick<ReconciliationStore, "read">;
  readonly findings: FindingStore;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Lets the detectors look at an hour, and keeps what they find. `justJudged` are hours of the same run, which a read may
 * not see yet. An hour without events costs no read: a fall over the day was told with its last event.
 */
export async function detectInQuality(
  hour: ReconciledHour,
  justJudged: readonly ReconciledHour[],
  deps: QualityDetectionDeps,
): Promise<Finding[]> {
  if (hour.quality === undefined || hour.quality.cells.length === 0) return [];
  const windowEnd = hour.hour + HOUR_MS;
  const kinds = new Set(hour.quality.cells.slice(0, MOST_KINDS).map(kindOf));
  const known = new Map<number, readonly QualityCell[]>();
  const keep = (account: ReconciledHour | undefined) => {
    if (account?.quality?.version !== MATCH_QUALITY_VERSION) return;
    const cells = account.quality.cells.filter((cell) => kinds.has(kindOf(cell)));
    known.set(account.hour, cells);
  };
  const wanted = [...new Set(deps.qualityDetectors.flatMap((detector) => detector.hours(windowEnd)))];
  for (let start = 0; start < wanted.length; start += ACCOUNTS_AT_ONCE)
    for (const account of await deps.results.read(wanted.slice(start, start + ACCOUNTS_AT_ONCE))) keep(account);
  for (const account of [...justJudged, hour]) keep(account);
  const found = deps.qualityDetectors.flatMap((detector) => detector.detect(known, windowEnd));
  const { clock, findings: store, log } = deps;
  for (const finding of found) await keepFinding(finding, clock.now(), { store, log });
  return found;
}

function kindOf({ event, lane, source }: QualityCell): string {
  return JSON.stringify([source, event, lane]);
}

/** Counts a run's findings by detector. Zero is counted too: the alarm must see that a later hour was a good one. */
export function countAnomalies(
  found: readonly Finding[],
  { metrics, qualityDetectors }: Pick<QualityDetectionDeps, "metrics" | "qualityDetectors">,
): void {
  for (const { id } of qualityDetectors) {
    metrics.add("AnomaliesFound", found.filter(({ detector }) => detector === id).length, { detector: id });
  }
}
