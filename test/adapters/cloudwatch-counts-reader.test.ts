import type { GetMetricDataCommand, GetMetricDataCommandInput } from "@aws-sdk/client-cloudwatch";
import { createCloudWatchCountsReader } from "../../src/adapters/cloudwatch-counts-reader.ts";
import { SLOT_MS } from "../../src/core/reconciliation.ts";

const FROM = Date.parse("2026-11-23T13:00:00Z");

function createReader() {
  const calls: GetMetricDataCommandInput[] = [];
  const client = {
    async send({ input }: GetMetricDataCommand) {
      calls.push(input);
      const result = { Id: "s1", StatusCode: "Complete" as const, Timestamps: [new Date(FROM + SLOT_MS)], Values: [4] };
      return { $metadata: {}, MetricDataResults: [result] };
    },
  };
  return {
    calls,
    reader: createCloudWatchCountsReader({ namespace: "TrackLayer/test", eventsQueue: "events.fifo", client }),
  };
}

test("reads sums of five minutes, our own and the copies that the events queue dropped", async () => {
  const { calls, reader } = createReader();
  const counts = await reader.counts(
    [{ metric: "EventsAccepted", dimensions: { source: "web" } }, { metric: "dropped_by_events_queue" }],
    FROM,
    FROM + 3 * SLOT_MS,
  );
  expect(counts).toEqual([new Map(), new Map([[FROM + SLOT_MS, 4]])]);
  expect(calls[0]?.MetricDataQueries?.map(({ MetricStat }) => MetricStat)).toEqual([
    {
      Metric: {
        Namespace: "TrackLayer/test",
        MetricName: "EventsAccepted",
        Dimensions: [{ Name: "source", Value: "web" }],
      },
      Period: 300,
      Stat: "Sum",
    },
    {
      Metric: {
        Namespace: "AWS/SQS",
        MetricName: "NumberOfDeduplicatedSentMessages",
        Dimensions: [{ Name: "QueueName", Value: "events.fifo" }],
      },
      Period: 300,
      Stat: "Sum",
    },
  ]);
});

test("a metric without its dimensions is refused: CloudWatch would say that nothing was counted", async () => {
  const { reader } = createReader();
  expect(() => reader.counts([{ metric: "EventsAccepted" }], FROM, FROM + SLOT_MS)).toThrow("[source]");
});
