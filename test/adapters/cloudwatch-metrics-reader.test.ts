import type { GetMetricDataCommand, GetMetricDataCommandOutput, StatusCode } from "@aws-sdk/client-cloudwatch";
import { createCloudWatchMetricsReader } from "../../src/adapters/cloudwatch-metrics-reader.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { SeriesRequest } from "../../src/core/finding.ts";

const FROM = Date.parse("2026-11-23T10:00:00Z");
const TO = FROM + 3 * HOUR_MS;

const REQUESTS: SeriesRequest[] = [
  { subject: "source/web", label: "web", metric: "EventsAccepted", dimensions: { source: "web" } },
  {
    subject: "destination/meta",
    label: "meta",
    metric: "Deliveries",
    dimensions: { destination: "meta", outcome: "delivered" },
  },
];

type Page = Omit<GetMetricDataCommandOutput, "$metadata">;

function fakeClient(...pages: Page[]) {
  const calls: GetMetricDataCommand["input"][] = [];
  return {
    calls,
    async send(command: GetMetricDataCommand): Promise<GetMetricDataCommandOutput> {
      calls.push(command.input);
      return { $metadata: {}, ...(pages.shift() ?? { MetricDataResults: [] }) };
    },
  };
}

const result = (Id: string, hours: number[], Values: number[], status: StatusCode = "Complete") => ({
  Id,
  Timestamps: hours.map((hour) => new Date(FROM + hour * HOUR_MS)),
  Values,
  StatusCode: status,
});

test("asks for hourly sums of exactly these dimensions", async () => {
  const client = fakeClient();
  await createCloudWatchMetricsReader({ namespace: "TrackLayer/test", client }).hourlySums(REQUESTS, FROM, TO);
  expect(client.calls).toHaveLength(1);
  expect(client.calls[0]).toMatchObject({ StartTime: new Date(FROM), EndTime: new Date(TO) });
  expect(client.calls[0]?.MetricDataQueries?.[1]).toEqual({
    Id: "s1",
    MetricStat: {
      Metric: {
        Namespace: "TrackLayer/test",
        MetricName: "Deliveries",
        Dimensions: [
          { Name: "destination", Value: "meta" },
          { Name: "outcome", Value: "delivered" },
        ],
      },
      Period: 3600,
      Stat: "Sum",
    },
  });
});

test("joins the parts of a series over pages, and leaves missing hours out", async () => {
  const client = fakeClient(
    { MetricDataResults: [result("s1", [0], [7], "PartialData"), result("s0", [0], [1])], NextToken: "next" },
    { MetricDataResults: [result("s1", [2], [9])] },
  );
  const series = await createCloudWatchMetricsReader({ namespace: "n", client }).hourlySums(REQUESTS, FROM, TO);
  expect(series.map(({ subject, points }) => [subject, [...points]])).toEqual([
    ["source/web", [[FROM, 1]]],
    [
      "destination/meta",
      [
        [FROM, 7],
        [FROM + 2 * HOUR_MS, 9],
      ],
    ],
  ]);
  expect(client.calls.map((call) => call.NextToken)).toEqual([undefined, "next"]);
});

test("splits into calls of 500 queries, and keeps the order", async () => {
  const requests = Array.from({ length: 1001 }, (_, index): SeriesRequest => {
    const source = `source-${index}`;
    return { subject: source, label: source, metric: "EventsAccepted", dimensions: { source } };
  });
  const client = fakeClient(
    { MetricDataResults: [] },
    { MetricDataResults: [result("s499", [0], [5])] },
    { MetricDataResults: [result("s0", [0], [6])] },
  );
  const series = await createCloudWatchMetricsReader({ namespace: "n", client }).hourlySums(requests, FROM, TO);
  expect(client.calls.map((call) => call.MetricDataQueries?.length)).toEqual([500, 500, 1]);
  expect(series.map(({ subject }) => subject)).toEqual(requests.map(({ subject }) => subject));
  expect([series[999]?.points.get(FROM), series[1000]?.points.get(FROM)]).toEqual([5, 6]);
});

test.each<[string, Page]>([
  ["an internal error", { MetricDataResults: [result("s0", [], [], "InternalError")] }],
  ["a refusal", { MetricDataResults: [result("s1", [], [], "Forbidden")] }],
  ["a part without the rest", { MetricDataResults: [result("s0", [0], [1], "PartialData")] }],
])("%s is an error and not an empty hour", async (_, page) => {
  const reader = createCloudWatchMetricsReader({ namespace: "n", client: fakeClient(page) });
  await expect(reader.hourlySums(REQUESTS, FROM, TO)).rejects.toThrow("CloudWatch answered");
});

test("nothing wanted, nothing asked", async () => {
  const client = fakeClient();
  expect(await createCloudWatchMetricsReader({ namespace: "n", client }).hourlySums([], FROM, TO)).toEqual([]);
  expect(client.calls).toEqual([]);
});
