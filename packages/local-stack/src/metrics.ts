import type { MetricPoint } from "./emf.ts";

/** Figures are kept in steps this long; every period of CloudWatch's that an alarm may have is a multiple of it. */
const STEP_MS = 10_000;
const KEPT_MS = 15 * 24 * 3_600_000;
const MAX_SERIES = 10_000;
const MAX_STEPS_PER_SERIES = 20_000;
/** Past this many different values in a step, percentiles are of values rounded to three digits. */
const MAX_EXACT_VALUES = 200;

interface Step {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Value → how often: what percentiles need. */
  readonly values: Map<number, number>;
}

interface Series {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** By step number since the epoch. */
  readonly steps: Map<number, Step>;
}

/** Names one series. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The metrics of a stack, in memory. */
export class MetricStore {
  readonly #series = new Map<string, Series>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(
    namespace: string,
    metricName: string,
    dimensions: Readonly<Record<string, string>>,
    value: number,
    atMs: number = this.#now(),
  ): void {
    this.add({ namespace, metricName, dimensions, values: [value], atMs });
  }

  /** Takes a point; past the cap on series new ones are dropped, and the oldest steps of a series make room. */
  add(point: MetricPoint): void {
    const series = this.#seriesOf(point);
    if (series === undefined) return;
    const number = Math.floor(point.atMs / STEP_MS);
    let step = series.steps.get(number);
    if (step === undefined) {
      step = { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, values: new Map() };
      series.steps.set(number, step);
      this.#trim(series);
    }
    for (const value of point.values) addValue(step, value);
  }

  /** The statistic of the period that begins at `fromMs`; `undefined` without data. */
  statistic(metric: MetricIdentity, stat: string, fromMs: number, periodSeconds: number): number | undefined {
    const series = this.#series.get(keyOf(metric));
    if (series === undefined) return undefined;
    const steps: Step[] = [];
    const end = Math.ceil((fromMs + periodSeconds * 1000) / STEP_MS);
    for (let number = Math.floor(fromMs / STEP_MS); number < end; number += 1) {
      const step = series.steps.get(number);
      if (step !== undefined) steps.push(step);
    }
    return steps.length === 0 ? undefined : statisticOf(steps, stat);
  }

  /** All that is kept, as JSON for `load`. */
  dump(): string {
    const stepOf = ([number, { values, ...figures }]: [number, Step]) => [number, figures, [...values]];
    const all = [...this.#series.values()].map(({ steps, ...identity }) => [identity, [...steps].map(stepOf)]);
    return JSON.stringify(all);
  }

  /** Takes in what another store dumped. */
  load(dump: string): void {
    for (const [identity, steps] of JSON.parse(dump) as [MetricIdentity, [number, Step, [number, number][]][]][]) {
      const series = this.#seriesOf(identity);
      for (const [number, figures, values] of steps) series?.steps.set(number, { ...figures, values: new Map(values) });
    }
  }

  list(): MetricIdentity[] {
    return [...this.#series.values()].map(({ namespace, metricName, dimensions }) => ({
      namespace,
      metricName,
      dimensions,
    }));
  }

  #seriesOf(identity: MetricIdentity): Series | undefined {
    const key = keyOf(identity);
    let series = this.#series.get(key);
    if (series === undefined && this.#series.size < MAX_SERIES) {
      const { namespace, metricName, dimensions } = identity;
      series = { namespace, metricName, dimensions, steps: new Map() };
      this.#series.set(key, series);
    }
    return series;
  }

  #trim(series: Series): void {
    const oldest = Math.floor((this.#now() - KEPT_MS) / STEP_MS);
    for (const number of series.steps.keys()) {
      if (number >= oldest && series.steps.size <= MAX_STEPS_PER_SERIES) return;
      series.steps.delete(number);
    }
  }
}

function keyOf({ namespace, metricName, dimensions }: MetricIdentity): string {
  const pairs = Object.keys(dimensions)
    .sort()
    .map((name) => [name, dimensions[name]]);
  return JSON.stringify([namespace, metricName, pairs]);
}

function addValue(step: Step, value: number): void {
  step.count += 1;
  step.sum += value;
  step.min = Math.min(step.min, value);
  step.max = Math.max(step.max, value);
  const isCrowded = step.values.size >= MAX_EXACT_VALUES && !step.values.has(value);
  const kept = isCrowded ? Number(value.toPrecision(3)) : value;
  step.values.set(kept, (step.values.get(kept) ?? 0) + 1);
}

/** Whether `statistic` can answer it. */
export function isKnownStatistic(stat: string): boolean {
  return /^(Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?|p100)$/.test(stat);
}

function statisticOf(steps: readonly Step[], stat: string): number {
  const sum = steps.reduce((total, step) => total + step.sum, 0);
  const count = steps.reduce((total, step) => total + step.count, 0);
  switch (stat) {
    case "Sum":
      return sum;
    case "SampleCount":
      return count;
    case "Average":
      return sum / count;
    case "Minimum":
      return Math.min(...steps.map((step) => step.min));
    case "Maximum":
      return Math.max(...steps.map((step) => step.max));
    default:
      if (!isKnownStatistic(stat)) throw new Error(`The statistic ${stat} is not known here`);
      return percentile(steps, Number(stat.slice(1)), count);
  }
}

function percentile(steps: readonly Step[], percent: number, count: number): number {
  const values = steps.flatMap((step) => [...step.values]).sort(([left], [right]) => left - right);
  const wanted = Math.max(1, Math.ceil((percent / 100) * count));
  let seen = 0;
  for (const [value, times] of values) {
    seen += times;
    if (seen >= wanted) return value;
  }
  return values.at(-1)?.[0] ?? Number.NaN;
}
