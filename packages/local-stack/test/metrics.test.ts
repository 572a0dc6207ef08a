import * as fc from "fast-check";
import { MetricStore } from "../src/metrics.ts";

const NOW = Date.parse("2026-03-01T10:00:00Z");
const METRIC = { namespace: "Shop", metricName: "ms", dimensions: { lane: "meta", env: "live" } };

function storeOf(values: readonly number[]): MetricStore {
  const store = new MetricStore(() => NOW);
  store.add({ ...METRIC, values, atMs: NOW });
  return store;
}

test("statistics of a period", () => {
  const store = storeOf([4, 1, 3, 2]);
  const stat = (name: string) => store.statistic(METRIC, name, NOW, 60);
  expect(["Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p99", "p100"].map(stat)).toEqual([
    10, 2.5, 1, 4, 4, 2, 4, 4,
  ]);
});

test("a period holds what happened in it and nothing else, in whatever order it came", () => {
  const store = new MetricStore(() => NOW);
  for (const atMs of [NOW + 60_000, NOW, NOW + 59_999, NOW - 1]) store.add({ ...METRIC, values: [1], atMs });
  expect(store.statistic(METRIC, "Sum", NOW, 60)).toBe(2);
  expect(store.statistic(METRIC, "Sum", NOW + 120_000, 60)).toBeUndefined();
});

test("the order of dimensions does not matter, their values do", () => {
  const store = storeOf([1]);
  const same = { ...METRIC, dimensions: { env: "live", lane: "meta" } };
  const other = { ...METRIC, dimensions: { env: "live", lane: "ga4" } };
  expect(store.statistic(same, "Sum", NOW, 60)).toBe(1);
  expect(store.statistic(other, "Sum", NOW, 60)).toBeUndefined();
});

test("a percentile is the value that so many are not above, within a percent", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 600 }),
      fc.integer({ min: 1, max: 99 }),
      (values, percent) => {
        const exact =
          values.toSorted((left, right) => left - right)[Math.ceil((percent / 100) * values.length) - 1] ?? 0;
        const found = storeOf(values).statistic(METRIC, `p${percent}`, NOW, 60) ?? Number.NaN;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.006 * exact);
      },
    ),
  );
});

test("what is older than 15 days makes room", () => {
  let now = NOW;
  const store = new MetricStore(() => now);
  store.add({ ...METRIC, values: [1], atMs: NOW });
  now += 16 * 24 * 3_600_000;
  store.add({ ...METRIC, values: [1], atMs: now });
  expect(store.statistic(METRIC, "Sum", NOW, 60)).toBeUndefined();
});
