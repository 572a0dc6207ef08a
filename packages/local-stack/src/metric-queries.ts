import { MetricMath, type TimeSeries } from "./metric-math.ts";
import { isKnownStatistic, type MetricStore } from "./metrics.ts";
import type { MetricDataQuery } from "./model.ts";

/** Metric data queries that were checked once, to be run over any window. */
export class MetricQueries {
  readonly #queries: readonly MetricDataQuery[];
  readonly #math = new Map<string, MetricMath>();
  /** The longest period of the metrics: what expressions are evaluated at. */
  readonly periodSeconds: number;

  constructor(queries: readonly MetricDataQuery[]) {
    this.#queries = queries;
    for (const { id, expression, stat } of queries) {
      if (expression !== undefined) this.#math.set(id, new MetricMath(expression));
      else if (stat === undefined) throw new Error(`Metric query ${id} has neither a metric nor an expression`);
      else if (!isKnownStatistic(stat.stat))
        throw new Error(`Metric query ${id}: statistic ${stat.stat} is not known here`);
    }
    const periods = queries.flatMap(({ stat }) => (stat === undefined ? [] : [stat.periodSeconds]));
    this.periodSeconds = periods.length === 0 ? 60 : Math.max(...periods);
    if (this.periodSeconds < 10)
      throw new Error("Metrics are kept in steps of 10 seconds: a period must not be shorter");
  }

  /** Series by id of `count` periods, the first of which begins at `fromMs`. */
  run(store: MetricStore, fromMs: number, count: number): ReadonlyMap<string, TimeSeries> {
    const results = new Map<string, TimeSeries>();
    const open = new Set<string>();
    const periodMs = this.periodSeconds * 1000;
    const metrics = this.#queries.flatMap(({ id, stat }) => {
      if (stat === undefined) return [];
      const series = Array.from({ length: count }, (_value, index) =>
        store.statistic(stat, stat.stat, fromMs + index * periodMs, this.periodSeconds),
      );
      results.set(id, series);
      return [{ id, series }];
    });
    const seriesOf = (id: string): TimeSeries => {
      const known = results.get(id);
      if (known !== undefined) return known;
      const math = this.#math.get(id);
      if (math === undefined) throw new Error(`Metric math: there is no ${id}`);
      if (open.has(id)) throw new Error(`Metric math: ${id} depends on itself`);
      open.add(id);
      const series = math.evaluate({ seriesOf, metrics, periodSeconds: this.periodSeconds, length: count });
      results.set(id, series);
      return series;
    };
    for (const { id } of this.#queries) seriesOf(id);
    return results;
  }
}
