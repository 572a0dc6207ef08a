import { resourcesOf, synthTemplate } from "../support/synth-stack.ts";

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmActions?: unknown[];
  readonly OKActions?: unknown[];
  readonly AlarmDescription: string;
  readonly TreatMissingData: string;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly Period?: number;
  readonly Namespace?: string;
  readonly Metrics?: {
    Id: string;
    Expression?: string;
    MetricStat?: { Period: number; Metric: { Namespace: string } };
  }[];
}

function alarmsOf(template: ReturnType<typeof synthTemplate>): Map<string, Alarm> {
  const alarms = Object.values(resourcesOf(template)).filter(({ Type }) => Type === "AWS::CloudWatch::Alarm");
  const named = alarms.map(({ Properties }) => Properties as unknown as Alarm);
  return new Map(named.map((alarm) => [alarm.AlarmName.replace("tracklayer-development-", ""), alarm]));
}

const alarms = alarmsOf(synthTemplate());

function alarm(name: string): Alarm {
  const found = alarms.get(name);
  if (found === undefined) throw new Error(`there is no alarm ${name}`);
  return found;
}

test("there is an alarm for everything that can go wrong", () => {
  const lane = (id: string) => [`lane-${id}-backlog`, `lane-${id}-dead-letters`, `${id}-failure-share`];
  expect([...alarms.keys()].sort()).toEqual(
    [
      ...["meta", "ga4", "webhook"].flatMap(lane),
      "anomaly-quality_drop",
      "anomaly-volume_drop",
      "enrich-errors",
      "events-backlog",
      "events-dead-letters",
      "heartbeat",
      "ingest-5xx",
      "ingest-errors",
      "metrics-unreadable",
      "no-events",
      "reconciliation",
      "schedules-dead-letters",
    ].sort(),
  );
});

test("all go to the one topic, when they start and when they end, and say what they mean", () => {
  for (const { AlarmActions, OKActions, AlarmDescription } of alarms.values()) {
    expect(JSON.stringify(AlarmActions)).toMatch(/^\[\{"Ref":"AlarmsTopic\w+"\}\]$/);
    expect(OKActions).toEqual(AlarmActions);
    expect(AlarmDescription.length).toBeGreaterThan(40);
  }
});

test("only heartbeats take silence for a failure", () => {
  const breaching = [...alarms].filter(([, { TreatMissingData }]) => TreatMissingData === "breaching");
  expect(breaching.map(([name]) => name).sort()).toEqual(["heartbeat", "no-events"]);
  for (const { TreatMissingData } of alarms.values()) expect(["breaching", "notBreaching"]).toContain(TreatMissingData);
});

test("the silence alarm waits as long as the configuration says, and can be turned off", () => {
  const silent = (silentHours: number) => alarmsOf(synthTemplate({ alarms: { silentHours } })).get("no-events");
  expect(silent(6)).toMatchObject({ Period: 3_600, EvaluationPeriods: 6 });
  expect(silent(0)).toBeUndefined();
});

test("CloudWatch takes them: one period per alarm, ten metrics at most, a day's range at most under an hour", () => {
  for (const { Metrics = [], Period, EvaluationPeriods, DatapointsToAlarm } of alarms.values()) {
    const stats = Metrics.flatMap(({ MetricStat }) => MetricStat ?? []);
    const periods = new Set(Metrics.length === 0 ? [Period] : stats.map((stat) => stat.Period));
    expect(periods.size).toBe(1);
    expect(stats.length).toBeLessThanOrEqual(10);
    const [period = 0] = periods;
    const range = Number(period) * EvaluationPeriods;
    expect(range).toBeLessThanOrEqual(Number(period) < 3_600 ? 86_400 : 604_800);
    expect(DatapointsToAlarm ?? EvaluationPeriods).toBeLessThanOrEqual(EvaluationPeriods);
    for (const { Expression } of Metrics) {
      for (const id of Expression?.match(/\b[a-z]\w*/g) ?? []) expect(Metrics.map(({ Id }) => Id)).toContain(id);
    }
  }
});

test("without an archive no detector looks at match quality, and an alarm compares its average in place of it", () => {
  const alone = alarmsOf(synthTemplate({ archive: false }));
  const ofQuality = [...alone.keys()].filter((name) => /quality/.test(name));
  // A webhook matches nobody: it has no match quality.
  expect(ofQuality.sort()).toEqual(["ga4-match-quality", "meta-match-quality"]);
});

test("that alarm compares the newest hour with the day in a single period", () => {
  const found = alarmsOf(synthTemplate({ archive: false })).get("meta-match-quality");
  const { Metrics, EvaluationPeriods, DatapointsToAlarm, Threshold } = found ?? alarm("meta-match-quality");
  expect({ EvaluationPeriods, DatapointsToAlarm, Threshold }).toEqual({
    EvaluationPeriods: 24,
    DatapointsToAlarm: 1,
    Threshold: 0.8,
  });
  const expressions = Object.fromEntries((Metrics ?? []).map(({ Id, Expression }) => [Id, Expression]));
  expect(Object.values(expressions).filter(Boolean).sort()).toEqual([
    "IF((hour == MAX(hour)) AND (scores >= 20), quality / AVG(quality), 1)",
    "RUNNING_SUM(FILL(scores, 0) * 0 + 1)",
  ]);
});

test("a dead-letter queue alarms by what it holds, since SQS does not count its own moves as sent", () => {
  const deadLetters = [...alarms].filter(([name]) => name.endsWith("dead-letters"));
  expect(deadLetters).toHaveLength(5);
  for (const [, deadLetter] of deadLetters) {
    expect(deadLetter).toMatchObject({ MetricName: "ApproximateNumberOfMessagesVisible", Threshold: 0 });
  }
});

test("a dead-letter alarm names its queue and says what a redrive does there", () => {
  const template = synthTemplate();
  const queues = Object.values(resourcesOf(template))
    .filter(({ Type }) => Type === "AWS::SQS::Queue")
    .map(({ Properties }) => String(Properties.QueueName));
  const texts = [...alarms].filter(([name]) => name.endsWith("dead-letters"));
  for (const [, { AlarmDescription }] of texts) {
    const named = AlarmDescription.match(/tracklayer-[\w-]+(?:\.fifo)?/g) ?? [];
    expect(named.length).toBeGreaterThan(0);
    for (const queue of named) expect(queues).toContain(queue);
    expect(AlarmDescription.length).toBeLessThanOrEqual(1_024);
  }
  expect(alarm("lane-meta-dead-letters").AlarmDescription).toMatch(/with tracklayer-development-lane-meta as the dest/);
  expect(alarm("events-dead-letters").AlarmDescription).toMatch(/Claims live \d+ days \(retention.deliveryDays\)/);
});

test("only a FIFO queue's backlog tells of retries: a standard queue leaves out what was received three times", () => {
  expect(alarm("events-backlog").AlarmDescription).toContain("failing");
  expect(alarm("lane-meta-backlog").AlarmDescription).not.toContain("failing");
});

test("a lane whose function crashes on every batch alarms before its messages leave the metric", () => {
  const queues = Object.values(resourcesOf(synthTemplate())).filter(({ Type }) => Type === "AWS::SQS::Queue");
  for (const lane of ["meta", "ga4", "webhook"]) {
    const { Threshold, EvaluationPeriods, Period, AlarmDescription } = alarm(`lane-${lane}-backlog`);
    const queue = queues.find(({ Properties }) => Properties.QueueName === `tracklayer-development-lane-${lane}`);
    const threeReceives = 3 * Number(queue?.Properties.VisibilityTimeout);
    expect(Threshold + EvaluationPeriods * Number(Period)).toBeLessThan(threeReceives);
    expect(AlarmDescription).toContain("crashing");
  }
});
