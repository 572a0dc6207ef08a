import { HOUR_MS } from "../core/durations.ts";
import type { QualityDetector, QualityHours, Verdict } from "../core/finding.ts";
import type { Told } from "../core/lasting-findings.ts";
import { MATCH_QUALITY_VERSION } from "../core/match-quality.ts";
import type { QualityCell } from "../core/quality-rollup.ts";
import type { ReconciledHour } from "../core/reconciliation.ts";
import type { FindingStore } from "./detect-ports.ts";
import { keepVerdict } from "./follow-findings.ts";
import type { Clock, Log, Metrics } from "./ports.ts";
import type { ReconciliationStore } from "./reconcile-ports.ts";

/**
 * Kinds of source, event and destination of an hour that are looked at, those of most events. The function has half a
 * gigabyte, and 270 hours of a thousand kinds would take most of it.
 */
const MOST_KINDS = 300;
/** Accounts that are read at once, for the same reason: what is not looked at is let go. */
const ACCOUNTS_AT_ONCE = 48;

/** Of an hour without events. */
const NOTHING_SAID: Verdict = { found: [], quiet: [] };

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
 * Lets the detectors look at an hour, keeps what they find, and answers what people are to be told. `justJudged` are
 * hours of the same run, which a read may not see yet. An hour without events costs no read of accounts, and says
 * nothing: a fall over the day was told with its last event. It counts towards the week after which silence is an end.
 */
export async function detectInQuality(
  hour: ReconciledHour,
  justJudged: readonly ReconciledHour[],
  deps: QualityDetectionDeps,
): Promise<Told[]> {
  if (hour.quality === undefined) return [];
  const windowEnd = hour.hour + HOUR_MS;
  const known =
    hour.quality.cells.length === 0 ? undefined : await knownHours(hour.quality.cells, hour, justJudged, deps);
  const { clock, findings: store, log } = deps;
  const told: Told[] = [];
  for (const { detect, id } of deps.qualityDetectors) {
    const verdict = known === undefined ? NOTHING_SAID : detect(known, windowEnd);
    told.push(...(await keepVerdict(verdict, { detector: id, windowEnd }, clock.now(), { store, log })));
  }
  return told;
}

/** The accounts that the detectors compare, of the kinds that the hour has. */
async function knownHours(
  cells: readonly QualityCell[],
  hour: ReconciledHour,
  justJudged: readonly ReconciledHour[],
  { qualityDetectors, results }: Pick<QualityDetectionDeps, "qualityDetectors" | "results">,
): Promise<QualityHours> {
  const kinds = new Set(cells.slice(0, MOST_KINDS).map(kindOf));
  const known = new Map<number, readonly QualityCell[]>();
  const keep = (account: ReconciledHour | undefined) => {
    if (account?.quality?.version !== MATCH_QUALITY_VERSION) return;
    known.set(
      account.hour,
      account.quality.cells.filter((cell) => kinds.has(kindOf(cell))),
    );
  };
  const wanted = [...new Set(qualityDetectors.flatMap((detector) => detector.hours(hour.hour + HOUR_MS)))];
  for (let start = 0; start < wanted.length; start += ACCOUNTS_AT_ONCE)
    for (const account of await results.read(wanted.slice(start, start + ACCOUNTS_AT_ONCE))) keep(account);
  for (const account of [...justJudged, hour]) keep(account);
  return known;
}

function kindOf({ event, lane, source }: QualityCell): string {
  return JSON.stringify([source, event, lane]);
}

/** Counts by detector what a run tells people of. Zero is counted too: the alarm must end before it can begin again. */
export function countAnomalies(
  told: readonly Told[],
  { metrics, qualityDetectors }: Pick<QualityDetectionDeps, "metrics" | "qualityDetectors">,
): void {
  for (const { id } of qualityDetectors) {
    metrics.add("AnomaliesFound", told.filter(({ finding }) => finding.detector === id).length, { detector: id });
  }
}
