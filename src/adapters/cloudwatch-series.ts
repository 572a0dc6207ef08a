import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
} from "@aws-sdk/client-cloudwatch";
import { AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";

/** As much of the client as reading takes. */
export interface CloudWatchReadClient {
  send(command: GetMetricDataCommand): Promise<GetMetricDataCommandOutput>;
}

/** One statistic of one metric. */
export interface SeriesQuery {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** As CloudWatch names it: `Sum`, `p95`. */
  readonly statistic: string;
}

/** From when to when, epoch ms, in which steps. */
export interface SeriesWindow {
  readonly from: number;
  readonly to: number;
  readonly periodSeconds: number;
}

/** Most queries that one `GetMetricData` call takes. */
const QUERIES_PER_CALL = 500;

/** A call with hundreds of series takes seconds. */
const CALL_TIMEOUT_MS = 15_000;

/** The client that metrics are read with. */
export function createCloudWatchReadClient(): CloudWatchReadClient {
  return new CloudWatchClient({ requestHandler: { ...AWS_REQUEST_HANDLER, requestTimeout: CALL_TIMEOUT_MS } });
}

/** Values by the epoch ms at which their period begins, for each query in order. Periods without data have none. */
export async function readSeries(
  client: CloudWatchReadClient,
  queries: readonly SeriesQuery[],
  window: SeriesWindow,
): Promise<Map<number, number>[]> {
  const series: Map<number, number>[] = [];
  for (let first = 0; first < queries.length; first += QUERIES_PER_CALL) {
    series.push(...(await readChunk(client, queries.slice(first, first + QUERIES_PER_CALL), window)));
  }
  return series;
}

async function readChunk(
  client: CloudWatchReadClient,
  queries: readonly SeriesQuery[],
  { from, to, periodSeconds }: SeriesWindow,
): Promise<Map<number, number>[]> {
  const points = queries.map(() => new Map<number, number>());
  const input: GetMetricDataCommandInput = {
    StartTime: new Date(from),
    EndTime: new Date(to),
    ScanBy: "TimestampAscending",
    MetricDataQueries: queries.map(({ namespace, metric, dimensions, statistic }, index) => ({
      Id: `s${index}`,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: metric,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodSeconds,
        Stat: statistic,
      },
    })),
  };
  let token: string | undefined;
  do {
    const page = await client.send(
      new GetMetricDataCommand({ ...input, ...(token === undefined ? {} : { NextToken: token }) }),
    );
    collect(page, queries, points);
    token = page.NextToken;
  } while (token !== undefined);
  return points;
}

/** A series comes in several parts when it spans pages: each part is marked partial but the last. */
function collect(
  page: GetMetricDataCommandOutput,
  queries: readonly SeriesQuery[],
  points: readonly Map<number, number>[],
): void {
  for (const result of page.MetricDataResults ?? []) {
    const index = Number(result.Id?.slice(1));
    const status = result.StatusCode;
    if (status === "InternalError" || status === "Forbidden" || (status === "PartialData" && !page.NextToken)) {
      throw new Error(`CloudWatch answered ${status} for ${queries[index]?.metric}`);
    }
    for (const [position, time] of (result.Timestamps ?? []).entries()) {
      const value = result.Values?.[position];
      if (value !== undefined) points[index]?.set(time.getTime(), value);
    }
  }
}
