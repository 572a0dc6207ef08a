import * as fc from "fast-check";
import { MetricMath, type TimeSeries } from "../src/metric-math.ts";

const SERIES: Record<string, TimeSeries> = {
  good: [8, 10, undefined, 0],
  bad: [2, undefined, 3, 0],
};

function run(expression: string): TimeSeries {
  return new MetricMath(expression).evaluate({
    seriesOf: (id) => SERIES[id] ?? [],
    metrics: Object.entries(SERIES).map(([id, series]) => ({ id, series })),
    periodSeconds: 60,
    length: 4,
  });
}

test.each<[string, TimeSeries]>([
  ["bad / (good + bad) * 100", [20, undefined, undefined, undefined]],
  ["FILL(bad, 0)", [2, 0, 3, 0]],
  ["FILL(good, REPEAT)", [8, 10, 10, 0]],
  ["good + FILL(bad, 0)", [10, 10, undefined, 0]],
  ["SUM([good, bad])", [10, 10, 3, 0]],
  ["SUM(METRICS())", [10, 10, 3, 0]],
  ['MAX(METRICS("goo"))', [8, 10, undefined, 0]],
  ["AVG([good, bad])", [5, 10, 3, 0]],
  ["SUM(bad)", [5, 5, 5, 5]],
  ["SUM(FILL(METRICS(), 1))", [10, 11, 4, 0]],
  ["IF(good > 5, good, 0)", [8, 10, undefined, 0]],
  ["IF(FILL(good, 0) + FILL(bad, 0) >= 10, 1, 0)", [1, 1, 0, 0]],
  ["good > 5 AND bad < 3", [1, undefined, undefined, 0]],
  ["RATE(good) * PERIOD(good)", [undefined, 2, undefined, undefined]],
  ["-bad ^ 2 + 1", [5, undefined, 10, 1]],
  ["2 + 3 * 4", [14, 14, 14, 14]],
  ["2 ^ 3 ^ 2", [512, 512, 512, 512]],
  ["10 - 4 - 3", [3, 3, 3, 3]],
  ["good / 0", [undefined, undefined, undefined, undefined]],
])("%s", (expression, expected) => {
  expect(run(expression)).toEqual(expected);
});

test.each(["good +", "(good", "good bad", "NOPE(good)", "good ? bad", "ANOMALY_DETECTION_BAND(good)", ""])(
  "refused before any data: %s",
  (expression) => {
    expect(() => new MetricMath(expression)).toThrow("Metric math");
  },
);

test("arithmetic is that of the numbers themselves", () => {
  const number = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(number, number, number, (a, b, c) => {
      expect(run(`${a} + ${b} * (${a} - ${c}) / ${c}`)[0]).toBeCloseTo(a + (b * (a - c)) / c, 6);
    }),
  );
});
