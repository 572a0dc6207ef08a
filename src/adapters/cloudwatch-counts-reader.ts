import { METRICS } from "../core/metric-names.ts";
import { SLOT_MS } from "../core/reconciliation.ts";
import type { Counted, CountsReader } from "../pipeline/reconcile-ports.ts";
import { type CloudWatchReadClient, createCloudWatchReadClient, readSeries } from "./cloudwatch-series.ts";

/** What the reader needs: the namespace of `metricNamespace()`, the events queue's name, and the client to read with. */
export interface CountsReaderOptions {
  readonly namespace: string;
  readonly eventsQueue: string;
  readonly client?: CloudWatchReadClient;
}

/** Counts of five minutes each from CloudWatch. */
export function createCloudWatchCountsReader(options: CountsReaderOptions): CountsReader {
  const client = options.client ?? createCloudWatchReadClient();
  return {
    counts: (wanted, from, to) =>
      readSeries(
        client,
        wanted.map((counted) => ({ ...seriesOf(counted, options), statistic: "Sum" })),
        { from, to, periodSeconds: SLOT_MS / 1_000 },
      ),
  };
}

function seriesOf(counted: Counted, { eventsQueue, namespace }: CountsReaderOptions) {
  if (counted.metric === "dropped_by_events_queue") {
    const dimensions = { QueueName: eventsQueue };
    return { namespace: "AWS/SQS", metric: "NumberOfDeduplicatedSentMessages", dimensions };
  }
  const { dimensions = {}, metric } = counted;
  const declared: readonly string[] = METRICS[metric];
  // CloudWatch would answer with nothing, which reads as a loss.
  if (declared.length !== Object.keys(dimensions).length || !declared.every((name) => dimensions[name])) {
    throw new TypeError(`metric ${metric} has the dimensions [${declared.join(", ")}]`);
  }
  return { namespace, metric, dimensions };
}
