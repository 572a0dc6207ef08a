import { metricNamespace } from "../core/metric-names.ts";
import type { FigureQuery, Figures } from "../ops/figures.ts";
import {
  type CloudWatchReadClient,
  createCloudWatchReadClient,
  readSeries,
  type SeriesQuery,
} from "./cloudwatch-series.ts";
import { physicalQueueName } from "./queue-names.ts";

/** Figures of one environment from CloudWatch. */
export function createCloudWatchFigures({
  environment,
  client = createCloudWatchReadClient(),
}: {
  readonly environment: string;
  readonly client?: CloudWatchReadClient;
}): Figures {
  return {
    read: (queries, window) =>
      readSeries(
        client,
        queries.map((query) => seriesOf(query, environment)),
        window,
      ),
  };
}

function seriesOf(query: FigureQuery, environment: string): SeriesQuery {
  if ("metric" in query) return { namespace: metricNamespace(environment), ...query };
  return {
    namespace: "AWS/SQS",
    metric: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: physicalQueueName(environment, query.oldestOf) },
    statistic: "Maximum",
  };
}
