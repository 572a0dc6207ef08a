import { HOUR_MS } from "../core/durations.ts";
import type { Finding, QualityDetector } from "../core/finding.ts";
import { MATCH_QUALITY_VERSION } from "../core/match-quality.ts";
import type { ReconciledHour } from "../core/reconciliation.ts";
import { keepFinding } from "./detect.ts";
import type { FindingStore } from "./detect-ports.ts";
import type { Clock, Log, Metrics } from "./ports.ts";
import type { ReconciliationStore } from "./reconcile-ports.ts";

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
  const wanted = [...new Set(deps.qualityDetectors.flatMap((detector) => detector.hours(windowEnd)))];
  const stored = await deps.results.read(wanted);
  const known = new Map<number, NonNullable<ReconciledHour["quality"]>["cells"]>();
  for (const account of [...stored, ...justJudged, hour])
    if (account?.quality?.version === MATCH_QUALITY_VERSION) known.set(account.hour, account.quality.cells);
  const found = deps.qualityDetectors.flatMap((detector) => detector.detect(known, windowEnd));
  const { clock, findings: store, log } = deps;
  for (const finding of found) await keepFinding(finding, clock.now(), { store, log });
  return found;
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
