import { HOUR_MS } from "../core/durations.ts";

import type { MetricsReader } from "../pipeline/detect-ports.ts";
import { type CloudWatchReadClient, createCloudWatchReadClient, readSeries } from "./cloudwatch-series.ts";

/** What the reader needs: the namespace of `metricNamespace()`, and the client to read with. */
export interface MetricsReaderOptions {
  readonly namespace: string;
  readonly client?: CloudWatchReadClient;
}

/** Hourly sums from CloudWatch. Hours without a data point stay out of the series. */
export function createCloudWatchMetricsReader(options: MetricsReaderOptions): MetricsReader {
  const client = options.client ?? createCloudWatchReadClient();
  return {
    async hourlySums(requests, from, to) {
      const queries = requests.map(({ metric, dimensions }) => ({
        namespace: options.namespace,
        metric,
        dimensions,
        statistic: "Sum",
      }));
      const series = await readSeries(client, queries, { from, to, periodSeconds: HOUR_MS / 1000 });
      return requests.map((request, index) => ({ ...request, points: series[index] ?? new Map() }));
    },
  };
}
