import fc from "fast-check";
import { type Figures, laneFigures, oldestMessages, windowOf } from "../../src/ops/figures.ts";

const NOW = Date.parse("2026-11-23T12:34:56Z");

test("a window covers what was asked for, in whole steps that keep the answer small", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_160 }), fc.integer({ min: 0, max: 86_400_000 }), (minutes, offset) => {
      const now = NOW + offset;
      const { from, to, periodSeconds } = windowOf(minutes, now);
      expect(from % (periodSeconds * 1000)).toBe(0);
      expect(to % (periodSeconds * 1000)).toBe(0);
      expect(from).toBeLessThanOrEqual(now - minutes * 60_000);
      expect(to).toBeGreaterThan(now);
      expect(now - minutes * 60_000 - from).toBeLessThan(periodSeconds * 1000);
      expect((to - from) / (periodSeconds * 1000)).toBeLessThanOrEqual(340);
    }),
  );
});

test("each lane gets its own figures: sums of the steps, and means weighted by what was measured", async () => {
  const figures: Figures = {
    read: async (queries) =>
      queries.map((query) => {
        if (!("metric" in query) || query.dimensions.destination !== "ga4") return new Map();
        const { metric, statistic, dimensions } = query;
        if (dimensions.outcome === "delivered")
          return new Map([
            [0, 90],
            [60_000, 10],
          ]);
        if (dimensions.outcome === "rejected") return new Map([[0, 1]]);
        if (dimensions.outcome !== undefined) return new Map();
        if (statistic === "SampleCount")
          return new Map([
            [0, 90],
            [60_000, 10],
          ]);
        return metric === "MatchQuality"
          ? new Map([
              [0, 8],
              [60_000, 3],
            ])
          : new Map([
              [0, 1_000],
              [60_000, 2_000],
            ]);
      }),
  };
  expect(await laneFigures(["meta", "ga4"], windowOf(60, NOW), figures)).toEqual([
    { outcomes: {} },
    {
      outcomes: { delivered: 100, rejected: 1 },
      latency_p50_ms: 1_100,
      latency_p95_ms: 1_100,
      match_quality: 7.5,
    },
  ]);
});

test("a queue's age is the one that was measured last", async () => {
  const figures: Figures = {
    read: async (queries) =>
      queries.map((_, at) =>
        at === 0
          ? new Map([
              [60_000, 7],
              [0, 99],
            ])
          : new Map(),
      ),
  };
  expect(await oldestMessages(["events-dlq", "lane-meta-dlq"], NOW, figures)).toEqual([7, undefined]);
});
