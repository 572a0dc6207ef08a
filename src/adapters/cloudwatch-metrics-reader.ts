import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
} from "@aws-sdk/client-cloudwatch";
import { HOUR_MS, type HourlySeries, type SeriesRequest } from "../core/finding.ts";
import type { MetricsReader } from "../pipeline/detect-ports.ts";
import { AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";

/** Most queries that one `GetMetricData` call takes. */
const QUERIES_PER_CALL = 500;

/** A call with hundreds of series takes seconds; nobody waits for detect. */
const CALL_TIMEOUT_MS = 15_000;

/** What the reader needs: the namespace of `metricNamespace()`, and the client to read with. */
export interface MetricsReaderOptions {
  readonly namespace: string;
  readonly client?: {
    send(command: GetMetricDataCommand): Promise<GetMetricDataCommandOutput>;
  };
}

/** Hourly sums from CloudWatch. Hours without a data point stay out of the series. */
export function createCloudWatchMetricsReader(options: MetricsReaderOptions): MetricsReader {
  const client =
    options.client ??
    new CloudWatchClient({ requestHandler: { ...AWS_REQUEST_HANDLER, requestTimeout: CALL_TIMEOUT_MS } });
  return {
    async hourlySums(requests, from, to) {
      const series: HourlySeries[] = [];
      for (let first = 0; first < requests.length; first += QUERIES_PER_CALL) {
        const chunk = requests.slice(first, first + QUERIES_PER_CALL);
        const points = await readChunk(client, options.namespace, chunk, from, to);
        series.push(...chunk.map((request, index) => ({ ...request, points: points[index] ?? new Map() })));
      }
      return series;
    },
  };
}

async function readChunk(
  client: NonNullable<MetricsReaderOptions["client"]>,
  namespace: string,
  requests: readonly SeriesRequest[],
  from: number,
  to: number,
): Promise<Map<number, number>[]> {
  const points = requests.map(() => new Map<number, number>());
  const input: GetMetricDataCommandInput = {
    StartTime: new Date(from),
    EndTime: new Date(to),
    ScanBy: "TimestampAscending",
    MetricDataQueries: requests.map((request, index) => ({
      Id: `s${index}`,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: request.metric,
          Dimensions: Object.entries(request.dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: HOUR_MS / 1000,
        Stat: "Sum",
      },
    })),
  };
  let token: string | undefined;
  do {
    const page = await client.send(
      new GetMetricDataCommand({ ...input, ...(token === undefined ? {} : { NextToken: token }) }),
    );
    collect(page, requests, points);
    token = page.NextToken;
  } while (token !== undefined);
  return points;
}

/** A series comes in several parts when it spans pages: each part is marked partial but the last. */
function collect(
  page: GetMetricDataCommandOutput,
  requests: readonly SeriesRequest[],
  points: readonly Map<number, number>[],
): void {
  for (const result of page.MetricDataResults ?? []) {
    const index = Number(result.Id?.slice(1));
    const status = result.StatusCode;
    if (status === "InternalError" || status === "Forbidden" || (status === "PartialData" && !page.NextToken)) {
      throw new Error(`CloudWatch answered ${status} for ${requests[index]?.subject}`);
    }
    for (const [position, time] of (result.Timestamps ?? []).entries()) {
      const value = result.Values?.[position];
      if (value !== undefined) points[index]?.set(time.getTime(), value);
    }
  }
}
