import { Alarms } from "../src/alarms.ts";
import { MetricStore } from "../src/metrics.ts";
import type { AlarmModel } from "../src/model.ts";

const START = Date.parse("2026-03-01T10:00:00Z");

/** Values of one metric by minute, `undefined` for none, and the states the alarm was in after each of them. */
function watch(minutes: readonly (number | undefined)[], more: Partial<AlarmModel> = {}) {
  let now = START;
  const store = new MetricStore(() => now);
  const changes: string[] = [];
  const stat = { namespace: "Shop", metricName: "errors", dimensions: {}, stat: "Sum", periodSeconds: 60 };
  const model: AlarmModel = {
    logicalId: "Errors",
    name: "errors",
    description: "",
    metrics: [{ id: "m1", returnData: true, stat }],
    threshold: 5,
    comparison: "GreaterThanThreshold",
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    treatMissingData: "missing",
    alarmActions: [],
    ...more,
  };
  const alarms = new Alarms(
    [model],
    store,
    () => now,
    (_alarm, from, to) => void changes.push(`${from}>${to}`),
  );
  const states = minutes.map((value) => {
    if (value !== undefined) store.record("Shop", "errors", {}, value, now);
    now += 60_000;
    alarms.evaluate();
    return alarms.list()[0]?.state;
  });
  return { states, changes };
}

test("two bad minutes of three set it off, and it recovers when they are over", () => {
  const { states, changes } = watch([1, 9, 1, 9, 1, 1]);
  expect(states).toEqual(["OK", "OK", "OK", "ALARM", "OK", "OK"]);
  expect(changes).toEqual(["INSUFFICIENT_DATA>OK", "OK>ALARM", "ALARM>OK"]);
});

test("a minute that is not over is not judged", () => {
  let now = START;
  const store = new MetricStore(() => now);
  const stat = { namespace: "Shop", metricName: "errors", dimensions: {}, stat: "Sum", periodSeconds: 60 };
  const alarms = new Alarms(
    [
      {
        logicalId: "Flow",
        name: "flow",
        description: "",
        metrics: [{ id: "m1", returnData: true, stat }],
        threshold: 5,
        comparison: "LessThanThreshold",
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        treatMissingData: "missing",
        alarmActions: [],
      },
    ],
    store,
    () => now,
    () => {},
  );
  store.record("Shop", "errors", {}, 1);
  now += 30_000;
  alarms.evaluate();
  expect(alarms.list()[0]?.state).toBe("INSUFFICIENT_DATA");
});

test.each([
  ["missing", ["INSUFFICIENT_DATA", "ALARM", "INSUFFICIENT_DATA"]],
  ["breaching", ["ALARM", "ALARM", "ALARM"]],
  ["notBreaching", ["OK", "ALARM", "OK"]],
  ["ignore", ["INSUFFICIENT_DATA", "ALARM", "ALARM"]],
] as const)("no data counts as %s", (treatMissingData, expected) => {
  const { states } = watch([undefined, 9, undefined], { treatMissingData, evaluationPeriods: 1, datapointsToAlarm: 1 });
  expect(states).toEqual(expected);
});

test("one series can be held against another", () => {
  const metric = (id: string, metricName: string) => ({
    id,
    returnData: true,
    stat: { namespace: "Shop", metricName, dimensions: {}, stat: "Sum", periodSeconds: 60 },
  });
  const metrics = [metric("m1", "errors"), { id: "limit", returnData: true, expression: "FILL(m1, 0) + 1" }];
  const ratio = {
    metrics,
    thresholdMetricId: "limit",
    threshold: Number.NaN,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
  };
  expect(watch([9], ratio).states).toEqual(["OK"]);
  expect(watch([9], { ...ratio, comparison: "LessThanThreshold" }).states).toEqual(["ALARM"]);
});

test("an alarm that could never be evaluated is refused by name at the start", () => {
  const metrics = [{ id: "band", returnData: true, expression: "ANOMALY_DETECTION_BAND(m1)" }];
  expect(() => watch([], { metrics })).toThrow("Alarm Errors: Metric math: the function ANOMALY_DETECTION_BAND");
});
