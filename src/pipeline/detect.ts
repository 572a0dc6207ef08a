import { HOUR_MS, MINUTE_MS } from "../core/durations.ts";
import type { Detector, Finding, HourlySeries, Monitored, Verdict } from "../core/finding.ts";
import type { FindingStore, MetricsReader } from "./detect-ports.ts";
import { keepVerdict } from "./follow-findings.ts";
import type { Log, Metrics } from "./ports.ts";

/** CloudWatch has the metrics of a log line some seconds later; an hour is judged when its last lines are in. */
export const SETTLE_MS = 3 * MINUTE_MS;

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
 * Judges the last complete hour with every detector. Run twice in an hour, it finds, keeps and tells the same. Answers
 * what it found, also of what people know already. A detector that fails does not keep the others from looking; its
 * error is thrown in the end, so that the run counts as failed.
 */
export async function detect(now: number, deps: DetectDeps): Promise<Finding[]> {
  const windowEnd = Math.floor((now - SETTLE_MS) / HOUR_MS) * HOUR_MS;
  const found: Finding[] = [];
  const errors: unknown[] = [];
  for (const detector of deps.detectors) {
    try {
      const verdict = await runDetector(detector, windowEnd, deps);
      const told = await keepVerdict(verdict, { detector: detector.id, windowEnd }, now, deps);
      // Zero is emitted too: the alarm must end, so that the next beginning raises it again.
      deps.metrics.add("AnomaliesFound", told.length, { detector: detector.id });
      found.push(...verdict.found);
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

async function runDetector(detector: Detector, windowEnd: number, deps: DetectDeps): Promise<Verdict> {
  const requests = detector.series(deps.monitored);
  if (requests.length === 0) return { found: [], quiet: [] };
  const from = windowEnd - (detector.lookbackHours + 1) * HOUR_MS;
  const series: HourlySeries[] = await deps.reader.hourlySums(requests, from, windowEnd);
  const verdicts = series.map((one) => detector.detect(one, windowEnd));
  return { found: verdicts.flatMap(({ found }) => found), quiet: verdicts.flatMap(({ quiet }) => quiet) };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
