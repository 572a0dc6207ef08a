import { resourcesOf, synthTemplate, type TemplateResource } from "../support/synth-stack.ts";

/**
 * What the default stack costs a month in which nobody sends anything: us-east-1 list prices, less what is always
 * free. Traffic's own price comes on top.
 */
const DOLLARS = {
  secret: 0.4,
  /** Each metric of an alarm; the first ten are free. */
  alarmMetric: 0.1,
  /** A custom metric; the first ten are free. */
  customMetric: 0.3,
  /** Over three, or with over 50 metrics. */
  dashboard: 3,
  /** SQS requests beyond the first million, standard and FIFO. */
  standardRequest: 0.4 / 1e6,
  fifoRequest: 0.5 / 1e6,
  metricRead: 0.01 / 1e3,
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  /** A read unit of an on-demand table. */
  tableRead: 0.125 / 1e6,
};
const FREE = {
  alarmMetrics: 10,
  customMetrics: 10,
  sqsRequests: 1e6,
  dashboards: 3,
  lambdaGbSeconds: 400_000,
  lambdaRequests: 1e6,
};

/** Long polls of 20 s in a month of 30 days. */
const POLLS_PER_POLLER = (30 * 86_400) / 20;
/** Lambda goes down from five pollers to two when a queue is empty, but not with a maximum concurrency. */
const POLLERS = { capped: 5, uncapped: 2 };
/** `Heartbeat`, `AnomaliesFound` of two detectors, and `ReconciliationDifferences`. */
const IDLE_CUSTOM_METRICS = 4;
/** What the detectors read in each of a month's 720 runs: a series for each source, key event and destination. */
const METRICS_READ_PER_RUN = 7;

/** What a run of the reconciliation reads of a stack that claims nothing: whether it does. */
const COUNTS_READ_PER_RUN = 1;

/** Runs in a month, their seconds on an idle stack, and GB of memory. */
const DETECT = { runs: 720, seconds: 5, gb: 0.25 };
const RECONCILE = { runs: 720, seconds: 5, gb: 0.5 };
const MAINTAIN = { runs: 43_200, seconds: 1, gb: 0.25 };
/** Read units of a run of maintain: half a unit for each lane's control, and room for what its other tasks look for. */
const MAINTAIN_READS = 6;

const resources = Object.values(resourcesOf(synthTemplate()));

function ofType(type: string): TemplateResource[] {
  return resources.filter(({ Type }) => Type === type);
}

function alarmMetrics(): number {
  const counts = ofType("AWS::CloudWatch::Alarm").map(({ Properties }) => {
    const metrics = Properties.Metrics as { MetricStat?: unknown }[] | undefined;
    return metrics === undefined ? 1 : metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function pollingDollars(): number {
  const polls = { standard: 0, fifo: 0 };
  for (const { Properties } of ofType("AWS::Lambda::EventSourceMapping")) {
    const kind = JSON.stringify(Properties.EventSourceArn).includes("EventsQueue") ? "fifo" : "standard";
    const pollers = Properties.ScalingConfig === undefined ? POLLERS.uncapped : POLLERS.capped;
    polls[kind] += pollers * POLLS_PER_POLLER;
  }
  const standard = Math.max(0, polls.standard - FREE.sqsRequests);
  return standard * DOLLARS.standardRequest + polls.fifo * DOLLARS.fifoRequest;
}

function lambdaDollars(): number {
  const scheduled = [DETECT, RECONCILE, MAINTAIN];
  const gbSeconds = scheduled.reduce((sum, { runs, seconds, gb }) => sum + runs * seconds * gb, 0);
  const requests = scheduled.reduce((sum, { runs }) => sum + runs, 0);
  return (
    Math.max(0, gbSeconds - FREE.lambdaGbSeconds) * DOLLARS.lambdaGbSecond +
    Math.max(0, requests - FREE.lambdaRequests) * DOLLARS.lambdaRequest
  );
}

function monthlyDollars(): Record<string, number> {
  const overFree = (count: number, free: number, price: number) => Math.max(0, count - free) * price;
  return {
    secrets: ofType("AWS::SecretsManager::Secret").length * DOLLARS.secret,
    alarms: overFree(alarmMetrics(), FREE.alarmMetrics, DOLLARS.alarmMetric),
    metrics: overFree(IDLE_CUSTOM_METRICS, FREE.customMetrics, DOLLARS.customMetric),
    dashboards: overFree(ofType("AWS::CloudWatch::Dashboard").length, FREE.dashboards, DOLLARS.dashboard),
    polling: pollingDollars(),
    detect: DETECT.runs * METRICS_READ_PER_RUN * DOLLARS.metricRead,
    maintain: MAINTAIN.runs * MAINTAIN_READS * DOLLARS.tableRead,
    reconcile: RECONCILE.runs * COUNTS_READ_PER_RUN * DOLLARS.metricRead,
    lambda: lambdaDollars(),
  };
}

test("an idle stack with three destinations costs less than $5 a month", () => {
  const dollars = monthlyDollars();
  const total = Object.values(dollars).reduce((sum, part) => sum + part, 0);
  expect(total).toBeLessThan(5);
  // If it is ever much cheaper, the model above has lost sight of something.
  expect(total).toBeGreaterThan(2);
});

test("a lane that takes contacts in clear adds the secret that they are sealed with, and no other cost", () => {
  const counts = (settings: { url: string; personalData: "hashed" | "raw" }) => {
    const types = Object.values(resourcesOf(synthTemplate({ destinations: { webhook: { settings } } }))).map(
      ({ Type }) => Type,
    );
    return Object.fromEntries([...Map.groupBy(types, (type) => type)].map(([type, all]) => [type, all.length]));
  };
  const settings = { url: "https://hooks.example.com/in", personalData: "hashed" } as const;
  const { "AWS::SecretsManager::Secret": without = 0, ...others } = counts(settings);
  expect(counts({ ...settings, personalData: "raw" })).toEqual({
    ...others,
    "AWS::SecretsManager::Secret": without + 1,
  });
});

test("nothing in the stack is billed by the hour", () => {
  const unbilled = new Set([
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    // By the gigabyte that is put there, and by the gigabyte that is kept: nothing of either while nobody sends.
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::Secret",
  ]);
  expect(resources.map(({ Type }) => Type).filter((type) => !unbilled.has(type))).toEqual([]);
});
