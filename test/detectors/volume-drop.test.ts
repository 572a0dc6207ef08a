import fc from "fast-check";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";

import { volumeDrop } from "../../src/detectors/volume-drop.ts";

/** A Monday. */
const END = Date.parse("2026-11-23T14:00:00Z");
const START = END - HOUR_MS;

/** A series of the judged hour: `past[0]` is yesterday; it began an hour before its oldest day. */
function judge(observed: number | undefined, past: readonly number[], options: { began?: number } = {}) {
  const points = new Map<number, number>();
  points.set(options.began ?? START - past.length * DAY_MS - HOUR_MS, 1);
  for (const [index, count] of past.entries()) if (count > 0) points.set(START - (index + 1) * DAY_MS, count);
  if (observed !== undefined) points.set(START, observed);
  const series = {
    subject: "key_event/purchase",
    label: "purchase events",
    metric: "KeyEvents" as const,
    dimensions: { event_name: "purchase" },
    points,
  };
  return volumeDrop.detect(series, END).found;
}

const days = (count: number, value: number) => Array.from({ length: count }, () => value);
const busyPast = fc.array(fc.integer({ min: 20, max: 100_000 }), { minLength: 7, maxLength: 28 });

test("says what fell, when, and what was expected", () => {
  const past = [52, 60, 47, 55, 49, 58, 51, 54, 62, 45, 56, 50, 53, 57];
  expect(judge(4, past)).toEqual([
    {
      detector: "volume_drop",
      subject: "key_event/purchase",
      window: { start: START, end: END },
      severity: "critical",
      observed: 4,
      expected: { low: 28, high: 88 },
      basis: 14,
      sentence: "purchase events: 4 in 13:00-14:00 UTC, 28 to 88 expected from the same hour of 14 past days",
    },
  ]);
});

test("a fall that leaves something is a warning", () => {
  expect(judge(300, days(14, 1000))).toMatchObject([{ severity: "warning", observed: 300 }]);
});

test("no point in the last hour of a busy series is zero events", () => {
  expect(judge(undefined, days(14, 200))).toMatchObject([{ severity: "critical", observed: 0 }]);
});

describe("weekdays", () => {
  // Mondays sell 400, Sundays nothing, the other days 1,000.
  const weekly = Array.from({ length: 28 }, (_, index) => {
    const weekday = new Date(START - (index + 1) * DAY_MS).getUTCDay();
    return weekday === 1 ? 400 : weekday === 0 ? 0 : 1000;
  });

  test("a quiet weekday is measured by its own kind", () => {
    expect(judge(390, weekly)).toEqual([]);
    expect(judge(150, weekly)).toMatchObject([{ basis: 4, sentence: expect.stringContaining("of 4 past Mondays") }]);
  });

  test("before there are three of a kind, all days are the measure", () => {
    expect(judge(0, weekly.slice(0, 20).fill(1000))).toMatchObject([
      { basis: 20, sentence: expect.stringContaining("of 20 past days") },
    ]);
  });
});

describe("thin data", () => {
  test("says nothing before seven days", () => {
    expect(judge(0, days(6, 1000))).toEqual([]);
    expect(judge(0, days(7, 1000))).toHaveLength(1);
  });

  test("says nothing where few events are usual", () => {
    expect(judge(0, days(28, 19))).toEqual([]);
    expect(judge(0, days(28, 20))).toHaveLength(1);
  });

  test("hours before the first point are not known, hours after it are empty", () => {
    // Eight busy days in 28: with the twenty days before them taken as zeros the median would be zero.
    expect(judge(0, days(8, 500))).toHaveLength(1);
    // The same points in a series that began long before: most days were empty, and so is today.
    expect(judge(0, days(8, 500), { began: START - 28 * DAY_MS - HOUR_MS })).toEqual([]);
  });

  test("an empty series says nothing", () => {
    expect(judge(undefined, [], { began: START })).toEqual([]);
    expect(
      volumeDrop.detect({ subject: "s", label: "s", metric: "KeyEvents", dimensions: {}, points: new Map() }, END),
    ).toEqual({ found: [], quiet: [] });
  });

  test("the partial hour in which a series began does not count", () => {
    expect(judge(0, days(7, 1000), { began: START - 7 * DAY_MS })).toEqual([]);
  });
});

test("one past outage or one sale does not move the expectation", () => {
  const steady = days(14, 500);
  const [outage, sale] = [steady.with(3, 0), steady.with(5, 50_000)];
  for (const past of [outage, sale]) {
    expect(judge(500, past)).toEqual([]);
    expect(judge(100, past)).toHaveLength(1);
  }
});

test("a constant series never alarms", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 28 }), (count, known) => {
      expect(judge(count, days(known, count))).toEqual([]);
    }),
  );
});

test("more than ever never alarms", () => {
  fc.assert(
    fc.property(busyPast, fc.integer({ min: 0, max: 1000 }), (past, extra) => {
      expect(judge(Math.max(...past) + extra, past)).toEqual([]);
    }),
  );
});

test("a busy series that falls to zero always alarms", () => {
  fc.assert(fc.property(busyPast, (past) => expect(judge(0, past)).toMatchObject([{ severity: "critical" }])));
});

test("fewer events never end an alarm", () => {
  fc.assert(
    fc.property(busyPast, fc.nat(100_000), fc.nat(100_000), (past, a, b) => {
      if (judge(Math.max(a, b), past).length > 0) expect(judge(Math.min(a, b), past)).toHaveLength(1);
    }),
  );
});

test("the same fall in more traffic is at least as clear", () => {
  fc.assert(
    fc.property(busyPast, fc.nat(100_000), fc.integer({ min: 2, max: 100 }), (past, observed, factor) => {
      if (judge(observed, past).length === 0) return;
      const scaled = judge(
        observed * factor,
        past.map((count) => count * factor),
      );
      expect(scaled).toHaveLength(1);
    }),
  );
});

test("in heavy traffic only proportions matter", () => {
  const heavy = fc.array(fc.integer({ min: 1000, max: 100_000 }), { minLength: 7, maxLength: 28 });
  fc.assert(
    fc.property(heavy, fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(4, 16, 64), (past, observed, factor) => {
      const scaled = past.map((count) => count * factor);
      expect(judge(observed * factor, scaled)).toHaveLength(judge(observed, past).length);
    }),
  );
});

test("a finding's numbers agree with each other", () => {
  fc.assert(
    fc.property(busyPast, fc.nat(100_000), (past, observed) => {
      for (const { expected, basis, sentence, window } of judge(observed, past)) {
        expect(observed).toBeLessThan(expected.low);
        expect(expected.low).toBeLessThanOrEqual(expected.high);
        expect(basis).toBeGreaterThan(2);
        expect(window).toEqual({ start: START, end: END });
        expect(sentence).toContain(`${observed} in 13:00-14:00 UTC, ${expected.low} to ${expected.high} expected`);
      }
    }),
  );
});

test("watches sources, key events and what each destination confirmed", () => {
  const wanted = volumeDrop.series({ sources: ["web", "shop"], keyEvents: ["purchase"], destinations: ["meta"] });
  expect(wanted.map(({ subject, metric, dimensions }) => [subject, metric, dimensions])).toEqual([
    ["source/web", "EventsAccepted", { source: "web" }],
    ["source/shop", "EventsAccepted", { source: "shop" }],
    ["key_event/purchase", "KeyEvents", { event_name: "purchase" }],
    ["destination/meta", "Deliveries", { destination: "meta", outcome: "delivered" }],
  ]);
});
