import { MINUTE_MS } from "../core/durations.ts";
import type { MetricName } from "../core/metric-names.ts";
import type { DeliveryState } from "../core/outcome.ts";
import { present } from "../core/present.ts";

/** One statistic: of a metric that the functions emit, or of the age of a queue's oldest message, in seconds. */
export type FigureQuery =
  | {
      readonly metric: MetricName;
      readonly dimensions: Readonly<Record<string, string>>;
      readonly statistic: "Sum" | "SampleCount" | "Average" | "p50" | "p95";
    }
  | { readonly oldestOf: string };

/** From when to when, epoch ms, in which steps; both ends are whole steps. */
export interface FigureWindow {
  readonly from: number;
  readonly to: number;
  readonly periodSeconds: number;
}

/** Metrics, seen from people. Throws when they do not answer. */
export interface Figures {
  /** Values by the epoch ms at which their step begins, for each query in order. */
  read(queries: readonly FigureQuery[], window: FigureWindow): Promise<ReadonlyMap<number, number>[]>;
}

/** What the metrics say of a lane; what was not measured is absent. */
export interface LaneFigures {
  readonly outcomes: Readonly<Partial<Record<DeliveryState, number>>>;
  readonly latency_p50_ms?: number;
  readonly latency_p95_ms?: number;
  readonly match_quality?: number;
}

/** The outcomes that lanes count. */
const OUTCOMES = ["delivered", "retry", "rejected", "unauthorized", "skipped", "expired"] as const;

/** SQS gives its metrics every minute or every five; a value from further back says nothing of now. */
const QUEUE_MINUTES = 15;

/** The last `minutes` until `now`, in steps that keep the answer small. Rounded outwards to whole steps. */
export function windowOf(minutes: number, now: number): FigureWindow {
  const stepMs = MINUTE_MS * (minutes <= 180 ? 1 : minutes <= 1_440 ? 5 : 60);
  const to = (Math.floor(now / stepMs) + 1) * stepMs;
  const from = Math.floor((now - minutes * MINUTE_MS) / stepMs) * stepMs;
  return { from, to, periodSeconds: stepMs / 1000 };
}

/** Figures of lanes over a window, in order. */
export async function laneFigures(
  lanes: readonly string[],
  window: FigureWindow,
  figures: Figures,
): Promise<LaneFigures[]> {
  const queries = lanes.map(laneQueries);
  const series = await figures.read(queries.flat(), window);
  return queries.map((own, index) => read(series.slice(index * own.length, (index + 1) * own.length)));
}

/** Seconds that the oldest message of each queue has waited, in order, where that was measured just now. */
export async function oldestMessages(
  queues: readonly string[],
  now: number,
  figures: Figures,
): Promise<(number | undefined)[]> {
  const queries = queues.map((oldestOf) => ({ oldestOf }));
  const series = await figures.read(queries, windowOf(QUEUE_MINUTES, now));
  return series.map((points) => newest(points));
}

function laneQueries(destination: string): FigureQuery[] {
  const of = (metric: MetricName, statistic: "SampleCount" | "Average" | "p50" | "p95"): FigureQuery => ({
    metric,
    dimensions: { destination },
    statistic,
  });
  return [
    ...OUTCOMES.map((outcome): FigureQuery => {
      return { metric: "Deliveries", dimensions: { destination, outcome }, statistic: "Sum" };
    }),
    of("DeliveryLatency", "SampleCount"),
    of("DeliveryLatency", "p50"),
    of("DeliveryLatency", "p95"),
    of("MatchQuality", "SampleCount"),
    of("MatchQuality", "Average"),
  ];
}

type Points = ReadonlyMap<number, number>;

function read(series: readonly Points[]): LaneFigures {
  const counts = series.slice(0, OUTCOMES.length).map((points) => [...points.values()].reduce((a, b) => a + b, 0));
  const outcomes = OUTCOMES.map((outcome, index) => [outcome, counts[index] ?? 0] as const);
  const [deliveries, p50, p95, scored, score] = series.slice(OUTCOMES.length);
  return {
    outcomes: Object.fromEntries(outcomes.filter(([, count]) => count > 0)),
    ...present({
      latency_p50_ms: weighted(p50, deliveries),
      latency_p95_ms: weighted(p95, deliveries),
      match_quality: weighted(score, scored, 100),
    }),
  };
}

/**
 * The mean of the steps' values, weighted by how much was measured in each: exact for averages. Percentiles of steps
 * cannot be put together exactly; for a picture of how a lane does, this is near enough.
 */
function weighted(values: Points | undefined, counts: Points | undefined, precision = 1): number | undefined {
  let sum = 0;
  let weight = 0;
  for (const [at, value] of values ?? []) {
    const count = counts?.get(at) ?? 0;
    sum += value * count;
    weight += count;
  }
  return weight === 0 ? undefined : Math.round((sum / weight) * precision) / precision;
}

function newest(points: Points): number | undefined {
  return [...points].sort(([a], [b]) => a - b).at(-1)?.[1];
}
