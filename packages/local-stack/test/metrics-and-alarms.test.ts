import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DATA_RESOURCES } from "./support/assembly-fixture.ts";
import { ServicesWorld } from "./support/services-world.ts";

const world = new ServicesWorld({
  Resources: {
    ...DATA_RESOURCES,
    Late: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: "late",
        Namespace: "AWS/SQS",
        MetricName: "ApproximateNumberOfMessagesVisible",
        Dimensions: [{ Name: "QueueName", Value: "jobs-dead" }],
        Statistic: "Maximum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      },
    },
  },
});

test("what was put is there to be computed with, a large compressed request too", async () => {
  const cloudWatch = new CloudWatchClient(world.clientConfig(world.services.operatorCredentials));
  const Timestamp = new Date(world.nowMs);
  const MetricData = Array.from({ length: 200 }, (_value, index) => ({
    MetricName: index % 2 === 0 ? "Good" : "Bad",
    Timestamp,
    Value: 1,
    Dimensions: [{ Name: "Lane", Value: "meta" }],
  }));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData }));
  const metric = (MetricName: string) => ({
    Metric: { Namespace: "Shop", MetricName, Dimensions: [{ Name: "Lane", Value: "meta" }] },
    Period: 60,
    Stat: "Sum",
  });
  const { MetricDataResults } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(world.nowMs - 60_000),
      EndTime: new Date(world.nowMs + 60_000),
      MetricDataQueries: [
        { Id: "good", MetricStat: metric("Good"), ReturnData: false },
        { Id: "bad", MetricStat: metric("Bad"), ReturnData: false },
        { Id: "share", Expression: "100 * bad / (good + bad)" },
      ],
    }),
  );
  expect(MetricDataResults).toMatchObject([{ Id: "share", Values: [50], Timestamps: [Timestamp] }]);
});

/** A statistic of the last minute, through Amazon's own client. */
async function statistics(Namespace: string, asked: readonly [string, string][], dimension: [string, string]) {
  const cloudWatch = new CloudWatchClient(world.clientConfig(world.services.operatorCredentials));
  const Dimensions = [{ Name: dimension[0], Value: dimension[1] }];
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(world.nowMs - 60_000),
      EndTime: new Date(world.nowMs + 60_000),
      MetricDataQueries: asked.map(([MetricName, Stat], at) => ({
        Id: `m${at}`,
        MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat },
      })),
    }),
  );
  return MetricDataResults.map(({ Values }) => Values?.[0]);
}

test("percentiles of what functions recorded come back over the API", async () => {
  const metrics = { LatencyMs: Array.from({ length: 100 }, (_, at) => at + 1), Dest: "meta" };
  const directive = {
    Namespace: "Lanes",
    Dimensions: [["Dest"]],
    Metrics: [{ Name: "LatencyMs", Unit: "Milliseconds" }],
  };
  const line = { _aws: { Timestamp: world.nowMs, CloudWatchMetrics: [directive] }, ...metrics };
  world.services.logSink.write("/lanes", JSON.stringify(line), world.nowMs);
  const asked = ["p50", "p90", "p95", "p99.9", "SampleCount"].map((stat): [string, string] => ["LatencyMs", stat]);
  expect(await statistics("Lanes", asked, ["Dest", "meta"])).toEqual([50, 90, 95, 100, 100]);
});

test("each metric comes in its own period, with the label it was asked for", async () => {
  world.services.metrics.record("Shop", "Steps", {}, 1, world.nowMs - 60_000);
  world.services.metrics.record("Shop", "Steps", {}, 2, world.nowMs);
  const cloudWatch = new CloudWatchClient(world.clientConfig(world.services.operatorCredentials));
  const steps = (Id: string, Period: number, Label?: string) => ({
    Id,
    ...(Label === undefined ? {} : { Label }),
    MetricStat: { Metric: { Namespace: "Shop", MetricName: "Steps" }, Period, Stat: "Sum" },
  });
  const { MetricDataResults } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(world.nowMs - 120_000),
      EndTime: new Date(world.nowMs + 60_000),
      MetricDataQueries: [steps("minute", 60, "by the minute"), steps("day", 86_400)],
    }),
  );
  expect(MetricDataResults).toMatchObject([
    { Id: "minute", Label: "by the minute", Values: [2, 1] },
    { Id: "day", Label: "Steps", Values: [3] },
  ]);
});

test("a queue tells what came, what went, and how old its oldest message is that still has hope", async () => {
  world.nowMs += 600_000;
  const QueueUrl = `${world.services.gatewayUrl}/000000000000/per-queue.fifo`;
  const plain = { QueueUrl: `${world.services.gatewayUrl}/000000000000/jobs-dead` };
  const call = world.services.call.bind(world.services, "operator", "sqs");
  await call("PurgeQueue", plain);
  for (const MessageBody of ["12345", "1"]) await call("SendMessage", { ...plain, MessageBody });
  world.nowMs += 30_000;
  const four = { ...plain, MaxNumberOfMessages: 1, VisibilityTimeout: 0 };
  for (let time = 0; time < 8; time += 1) await call("ReceiveMessage", four);
  world.nowMs += 10_000;
  await call("SendMessage", { ...plain, MessageBody: "young" });
  await call("ReceiveMessage", { QueueUrl });
  world.nowMs += 7000;
  await world.control("POST", "/_local/alarms/evaluate");
  const figures: [string, string][] = [
    ["ApproximateAgeOfOldestMessage", "Maximum"],
    ["ApproximateNumberOfMessagesVisible", "Maximum"],
    ["NumberOfMessagesSent", "Sum"],
    ["SentMessageSize", "Maximum"],
    ["NumberOfMessagesReceived", "Sum"],
  ];
  expect(await statistics("AWS/SQS", figures, ["QueueName", "jobs-dead"])).toEqual([7, 3, 3, 5, 8]);
  const empty: [string, string][] = [["NumberOfEmptyReceives", "Sum"]];
  expect(await statistics("AWS/SQS", empty, ["QueueName", "per-queue.fifo"])).toEqual([1]);
  await call("PurgeQueue", plain);
});

test("a dead letter sets off its alarm once the minute is over", async () => {
  const QueueUrl = `${world.services.gatewayUrl}/000000000000/jobs-dead`;
  await world.services.call("operator", "sqs", "SendMessage", { QueueUrl, MessageBody: "dead" });
  expect((await world.control("POST", "/_local/alarms/evaluate")).body).toMatchObject([{ name: "late", state: "OK" }]);
  world.nowMs += 60_000;
  expect((await world.control("POST", "/_local/alarms/evaluate")).body).toMatchObject([
    { name: "late", state: "ALARM" },
  ]);
  expect(world.lines.some((line) => line.startsWith("alarm late: OK → ALARM"))).toBe(true);
  await world.services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
});

test("log lines become metrics, and a bad one an error that can be alarmed", () => {
  const emf = (value: unknown) =>
    JSON.stringify({
      _aws: {
        Timestamp: world.nowMs,
        CloudWatchMetrics: [{ Namespace: "Logged", Dimensions: [[]], Metrics: [{ Name: "n" }] }],
      },
      n: value,
    });
  world.services.logSink.write("/aws/lambda/producer", emf(3), world.nowMs);
  world.services.logSink.write("/aws/lambda/producer", emf("three"), world.nowMs);
  expect(world.lines.at(-1)).toContain("EMFValidationErrors");
});
