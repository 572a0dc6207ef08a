import { HOUR_MS } from "../core/durations.ts";
import type { Detector, Finding, HourlySeries, Monitored } from "../core/finding.ts";
import type { FindingStore, MetricsReader } from "./detect-ports.ts";
import type { Log, Metrics } from "./ports.ts";

/** CloudWatch has the metrics of a log line some seconds later; an hour is judged when its last lines are in. */
export const SETTLE_MS = 3 * 60_000;

/** What a run works with. */
export interface DetectDeps {
  readonly detectors: readonly Detector[];
  readonly monitored: Monitored;
  readonly reader: MetricsReader;
  readonly store: FindingStore;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Judges the last complete hour with every detector. Run twice in an hour, it finds and keeps the same. A detector that
 * fails does not keep the others from looking; its error is thrown in the end, so that the run counts as failed.
 */
export async function detect(now: number, deps: DetectDeps): Promise<Finding[]> {
  const windowEnd = Math.floor((now - SETTLE_MS) / HOUR_MS) * HOUR_MS;
  const found: Finding[] = [];
  const errors: unknown[] = [];
  for (const detector of deps.detectors) {
    try {
      const findings = await runDetector(detector, windowEnd, deps);
      for (const finding of findings) await keepFinding(finding, now, deps);
      // Zero is emitted too: the alarm must see that the hour after the anomaly was a good one.
      deps.metrics.add("AnomaliesFound", findings.length, { detector: detector.id });
      found.push(...findings);
    } catch (error) {
      deps.log.error("detector failed", { detector: detector.id, error: describe(error) });
      errors.push(error);
    }
  }
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} of ${deps.detectors.length} detectors failed`);
  deps.metrics.add("Heartbeat", 1);
  return found;
}

async function runDetector(detector: Detector, windowEnd: number, deps: DetectDeps): Promise<Finding[]> {
  const requests = detector.series(deps.monitored);
  if (requests.length === 0) return [];
  const from = windowEnd - (detector.lookbackHours + 1) * HOUR_MS;
  const series: HourlySeries[] = await deps.reader.hourlySums(requests, from, windowEnd);
  return series.flatMap((one) => detector.detect(one, windowEnd));
}

/** Keeps a finding, and puts it into the log the first time. */
export async function keepFinding(
  finding: Finding,
  now: number,
  { store, log }: Pick<DetectDeps, "store" | "log">,
): Promise<void> {
  if ((await store.save(finding, now)) === "known") return;
  log.warn("anomaly found", {
    detector: finding.detector,
    subject: finding.subject,
    severity: finding.severity,
    observed: finding.observed,
    sentence: finding.sentence,
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
