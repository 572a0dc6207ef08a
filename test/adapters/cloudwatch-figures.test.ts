import { createCloudWatchFigures } from "../../src/adapters/cloudwatch-figures.ts";
import type { CloudWatchReadClient } from "../../src/adapters/cloudwatch-series.ts";

test("figures are asked for under the environment's names, and come back by query in order", async () => {
  const asked: unknown[] = [];
  const client: CloudWatchReadClient = {
    send: async ({ input }) => {
      asked.push(...(input.MetricDataQueries ?? []).map(({ MetricStat }) => MetricStat));
      return {
        $metadata: {},
        MetricDataResults: [
          { Id: "s1", StatusCode: "Complete", Timestamps: [new Date(0)], Values: [42] },
          { Id: "s0", StatusCode: "Complete", Timestamps: [new Date(60_000)], Values: [7] },
        ],
      };
    },
  };
  const figures = createCloudWatchFigures({ environment: "production", client });
  const series = await figures.read(
    [{ metric: "DeliveryLatency", dimensions: { destination: "meta" }, statistic: "p95" }, { oldestOf: "events-dlq" }],
    { from: 0, to: 120_000, periodSeconds: 60 },
  );
  expect(series).toEqual([new Map([[60_000, 7]]), new Map([[0, 42]])]);
  expect(asked).toEqual([
    {
      Metric: {
        Namespace: "TrackLayer/production",
        MetricName: "DeliveryLatency",
        Dimensions: [{ Name: "destination", Value: "meta" }],
      },
      Period: 60,
      Stat: "p95",
    },
    {
      Metric: {
        Namespace: "AWS/SQS",
        MetricName: "ApproximateAgeOfOldestMessage",
        Dimensions: [{ Name: "QueueName", Value: "tracklayer-production-events-dlq.fifo" }],
      },
      Period: 60,
      Stat: "Maximum",
    },
  ]);
});
