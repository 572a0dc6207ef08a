import { IDENTIFIERS } from "../core/destination.ts";
import { METRICS, type MetricName, presenceMetric } from "../core/metric-names.ts";
import type { Metrics } from "../pipeline/ports.ts";

/** Most values that CloudWatch reads from one array. */
const VALUES_PER_DOCUMENT = 100;

// Metrics whose average or percentiles are read keep every value; the others are only ever summed, so one number per
// invocation says the same for less.
const DISTRIBUTIONS: Readonly<Partial<Record<MetricName, string>>> = {
  DeliveryLatency: "Milliseconds",
  MatchQuality: "None",
  ...Object.fromEntries(IDENTIFIERS.map((identifier) => [presenceMetric(identifier), "None"])),
};

interface Series {
  dimensions: Readonly<Record<string, string>>;
  metrics: Map<MetricName, number[]>;
}

/** What the EMF metrics need: the namespace of `metricNamespace()`, a clock in epoch ms, and where a line goes. */
export interface EmfOptions {
  readonly namespace: string;
  readonly now: () => number;
  /** Default: standard output, past the runtime's console, whose prefix would make the line unreadable as EMF. */
  readonly write?: (line: string) => void;
}

/**
 * Metrics in CloudWatch's embedded metric format: one JSON log line per set of dimension values. Throws for dimensions
 * other than `METRICS` declares, because CloudWatch would make a new billed series of them or drop the line unseen.
 */
export function createEmfMetrics(options: EmfOptions): Metrics {
  const write = options.write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  let gathered = new Map<string, Series>();
  return {
    add(name, value, dimensions = {}) {
      checkDimensions(name, dimensions);
      // A NaN becomes null in JSON, and one null makes CloudWatch drop the whole document.
      if (!Number.isFinite(value)) return;
      const key = JSON.stringify(METRICS[name].map((dimension) => [dimension, dimensions[dimension]]));
      const series = gathered.get(key) ?? { dimensions, metrics: new Map<MetricName, number[]>() };
      gathered.set(key, series);
      const values = series.metrics.get(name) ?? [];
      if (name in DISTRIBUTIONS || values.length === 0) values.push(value);
      else values[0] = (values[0] ?? 0) + value;
      series.metrics.set(name, values);
    },
    flush() {
      const all = gathered;
      gathered = new Map();
      const at = options.now();
      for (const series of all.values()) {
        for (const document of documents(options.namespace, at, series)) write(JSON.stringify(document));
      }
    },
  };
}

function checkDimensions(name: MetricName, dimensions: Readonly<Record<string, string>>): void {
  const declared: readonly string[] = METRICS[name];
  const given = Object.keys(dimensions);
  if (given.length === declared.length && declared.every((dimension) => dimensions[dimension])) return;
  throw new TypeError(`metric ${name} has dimensions [${declared.join(", ")}], got [${given.join(", ")}]`);
}

function* documents(namespace: string, at: number, series: Series): Generator<Record<string, unknown>> {
  const longest = Math.max(...[...series.metrics.values()].map((values) => values.length));
  for (let from = 0; from < longest; from += VALUES_PER_DOCUMENT) {
    const names = [...series.metrics].filter(([, values]) => values.length > from);
    yield {
      _aws: {
        Timestamp: at,
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: [Object.keys(series.dimensions)],
            Metrics: names.map(([name]) => ({ Name: name, Unit: DISTRIBUTIONS[name] ?? "Count" })),
          },
        ],
      },
      ...series.dimensions,
      ...Object.fromEntries(
        names.map(([name, values]) => {
          const slice = values.slice(from, from + VALUES_PER_DOCUMENT);
          return [name, slice.length === 1 ? slice[0] : slice];
        }),
      ),
    };
  }
}
