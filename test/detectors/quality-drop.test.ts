import fc from "fast-check";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { QualityCell } from "../../src/core/quality-rollup.ts";
import { qualityDrop } from "../../src/detectors/quality-drop.ts";

/** A Monday. */
const END = Date.parse("2026-11-23T14:00:00Z");
const HOUR = END - HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/** One kind of event in one hour: how many, and shares of those that had each identifier. */
interface Kind {
  readonly source?: string;
  readonly event?: string;
  readonly lane?: string;
  readonly events: number;
  readonly email?: number;
  readonly phone?: number;
  /** What part of the weight of each e-mail counted. */
  readonly sound?: number;
}

/** E-mail gives 4 points where it is, and phone 2. */
function cell(kind: Kind): QualityCell {
  const { email = 0.8, event = "purchase", events, lane = "meta", phone = 0.5, sound = 1, source = "web" } = kind;
  const [emails, phones] = [Math.round(events * email), Math.round(events * phone)];
  return {
    source,
    event,
    lane,
    events,
    tenths: Math.round(emails * sound * 40 + phones * 20),
    sent: { email: [emails, Math.round(emails * sound * 100)], phone: [phones, phones * 100] },
    gains: { ...(emails < events ? { email: 40 } : {}), ...(phones < events ? { phone: 20 } : {}) },
  };
}

/** Judges the hour, with what `of` says about each hour of the past `days` (undefined: not known). */
function judge(of: (hour: number) => readonly Kind[] | undefined, days = 35) {
  const hours = new Map<number, QualityCell[]>();
  for (const hour of [HOUR, ...qualityDrop.hours(END)]) {
    const kinds = hour >= END - days * DAY_MS ? of(hour) : undefined;
    if (kinds !== undefined) hours.set(hour, kinds.map(cell));
  }
  return qualityDrop.detect(hours, END).found;
}

test("says which identifier fell, where, from what to what, what it costs and where to look", () => {
  expect(judge((hour) => [hour === HOUR ? { events: 412, email: 0.31 } : { events: 400 }])).toEqual([
    {
      detector: "quality_drop",
      subject: "quality/meta/web/purchase",
      window: { start: HOUR, end: END },
      severity: "critical",
      observed: 128,
      expected: { low: 264, high: 412 },
      basis: 4,
      sentence:
        "412 purchase events from web to meta in 13:00-14:00 UTC, against the same hours of 4 past weeks: " +
        "email on 31 % where it was 80 % (-2.0); the mean score is 2.2 and would be 4.2. Look whether in web the " +
        "form, the checkout or the data layer still passes it, and whether the consent banner changed",
    },
  ]);
});

test("of custom events, which are many kinds in one, it also says to look at their mix", () => {
  const [finding] = judge((hour) => [{ event: "custom", events: 400, ...(hour === HOUR ? { email: 0.3 } : {}) }]);
  expect(finding?.sentence).toContain("Look whether one kind of them became more frequent, whether in web the form");
});

test("several that fell are one finding, what costs most first", () => {
  const [finding, ...others] = judge((hour) => [
    hour === HOUR ? { events: 500, email: 0.5, phone: 0.05 } : { events: 500 },
  ]);
  expect(others).toEqual([]);
  expect(finding?.sentence).toContain(
    "email on 50 % where it was 80 % (-1.2), phone on 5.0 % where it was 50 % (-0.9)",
  );
});

test("an identifier that is there and worth nothing any more has fallen", () => {
  const [finding] = judge((hour) => [{ events: 500, ...(hour === HOUR ? { sound: 0.1 } : {}) }]);
  expect(finding).toMatchObject({ severity: "critical", observed: 40 });
  expect(finding?.sentence).toContain("email is as frequent as ever, but counts like one on 8.0 % where it was 80 %");
});

test("no fall by the mix alone: each source is as it was, and their sum is not", () => {
  const web = (events: number): Kind => ({ source: "web", events, email: 0.9 });
  const server = (events: number): Kind => ({ source: "server", events, email: 0.1 });
  expect(judge((hour) => (hour === HOUR ? [web(60), server(2_000)] : [web(1_000), server(100)]))).toEqual([]);
  const views = (events: number): Kind => ({ event: "page_view", events, email: 0.05 });
  expect(judge((hour) => (hour === HOUR ? [web(60), views(5_000)] : [web(1_000), views(50)]))).toEqual([]);
});

test("what is well in one source is told apart from what fell in the other", () => {
  const found = judge((hour) => [
    { source: "web", events: 300, ...(hour === HOUR ? { email: 0.2 } : {}) },
    { source: "server", events: 300 },
    { source: "web", event: "lead", events: 300 },
    { source: "web", lane: "x", events: 300 },
  ]);
  expect(found.map(({ subject }) => subject)).toEqual(["quality/meta/web/purchase"]);
});

test("a fall that few events of each hour hide is found over the day", () => {
  const found = judge((hour) => [{ events: 4, ...(hour >= END - DAY_MS ? { email: 0.25 } : {}) }]);
  expect(found).toMatchObject([
    { subject: "quality/meta/web/purchase", window: { start: END - DAY_MS, end: END }, basis: 96 },
  ]);
  expect(found[0]?.sentence).toContain("96 purchase events from web to meta in the 24 hours to 14:00 UTC");
});

test("a fall that was mended is told no longer, although the day is still below what is usual", () => {
  const brokenFrom = (from: number, until: number) => (hour: number) => {
    const isBroken = hour >= END - from * HOUR_MS && hour < END - until * HOUR_MS;
    return [{ events: 400, ...(isBroken ? { email: 0.1 } : {}) }];
  };
  expect(judge(brokenFrom(6, 0))).toHaveLength(1);
  for (let since = 1; since < 24; since += 1) expect(judge(brokenFrom(since + 6, since))).toEqual([]);
  // Mended in part: what is left of it is told.
  const [left] = judge((hour) => [
    { events: 400, ...(hour >= END - DAY_MS ? { email: hour === HOUR ? 0.6 : 0.4 } : {}) },
  ]);
  expect(left?.sentence).toContain("email on 60 % where it was 80 %");
});

describe("says nothing", () => {
  test("about few events, now or before", () => {
    expect(judge((hour) => [{ events: 1, ...(hour >= END - DAY_MS ? { email: 0 } : {}) }])).toEqual([]);
    expect(judge((hour) => (hour === HOUR ? [{ events: 500, email: 0 }] : []))).toEqual([]);
  });

  test("about a new source, and about one whose past weeks are known for a handful of hours", () => {
    expect(judge((hour) => (hour >= END - DAY_MS ? [{ source: "app", events: 500, email: 0.1 }] : []))).toEqual([]);
    expect(judge((hour) => [hour === HOUR ? { events: 500, email: 0.1 } : { events: 500 }], 2)).toEqual([]);
  });

  test("about a share that rose, or stayed", () => {
    expect(judge((hour) => [{ events: 500, ...(hour === HOUR ? { email: 1 } : {}) }])).toEqual([]);
    expect(judge(() => [{ events: 500, email: 1 }])).toEqual([]);
    expect(judge(() => [{ events: 500, email: 0 }])).toEqual([]);
  });

  test("about what every week does at these hours", () => {
    const isMondayNoon = (hour: number) => (END - hour - HOUR_MS) % WEEK_MS === 0;
    expect(judge((hour) => [{ events: 500, ...(isMondayNoon(hour) ? { email: 0.2 } : {}) }])).toEqual([]);
  });

  test("in the weeks after a clock change, when the steep hour of the day lies beside where it lay", () => {
    const share = (utcHour: number) => (utcHour < 13 ? 0.2 : 0.8);
    for (const shift of [-1, 1]) {
      const found = judge((hour) => {
        const local = new Date(hour).getUTCHours() + (hour > END - DAY_MS ? shift : 0);
        return [{ events: 500, email: share(local) }];
      });
      expect(found).toEqual([]);
    }
  });

  test("about an hour without events, whatever the day before was like", () => {
    expect(
      judge((hour) => (hour === HOUR ? [] : [{ events: 500, ...(hour > END - DAY_MS ? { email: 0 } : {}) }])),
    ).toEqual([]);
  });
});

test("one bad week of the past hides no fall", () => {
  const bad = END - 2 * WEEK_MS;
  const found = judge((hour) => [
    { events: 500, ...(hour === HOUR ? { email: 0.2 } : hour < bad && hour > bad - 2 * DAY_MS ? { email: 0 } : {}) },
  ]);
  expect(found).toMatchObject([{ severity: "critical" }]);
});

describe("with less history", () => {
  const fallTo = (email: number, days: number) =>
    judge((hour) => [hour === HOUR ? { events: 2_000, email } : { events: 2_000 }], days);

  test("past days are the measure and are named, with a wider range", () => {
    expect(fallTo(0.2, 8)[0]?.sentence).toContain("against the same hours of 6 past days");
    expect(fallTo(0.6, 8)).toEqual([]);
    expect(fallTo(0.6, 35)).toHaveLength(1);
  });

  test("three known weeks are enough, two are not", () => {
    expect(fallTo(0.2, 22)[0]?.sentence).toContain("of 3 past weeks");
    expect(fallTo(0.2, 15)[0]?.sentence).toContain("of 6 past days");
  });
});

test("an hour that is not known takes its windows out, and no others", () => {
  const hole = END - 3 * HOUR_MS;
  const day = (hour: number) =>
    hour === hole ? undefined : [{ events: 8, ...(hour >= END - DAY_MS ? { email: 0 } : {}) }];
  expect(judge(day)).toEqual([]);
  const now = (hour: number) => (hour === hole ? undefined : [{ events: 500, ...(hour === HOUR ? { email: 0 } : {}) }]);
  expect(judge(now)).toHaveLength(1);
});

test("copies that are counted in another hour than their event make no share that cannot be", () => {
  // More e-mails than events in the past, and fewer than none in one hour of it.
  const past = (hour: number): Kind => ({ events: 100, email: hour === HOUR - WEEK_MS ? -0.02 : 1.04 });
  expect(judge((hour) => [hour === HOUR ? { events: 100, email: 0.93 } : past(hour)])).toEqual([]);
  const [finding] = judge((hour) => [hour === HOUR ? { events: 100, email: -0.01 } : past(hour)]);
  expect(finding?.sentence).toContain("email on 0 % where it was 100 %");
});

test("whatever the cells, a finding's numbers are those of its window, and the order of cells changes nothing", () => {
  const kind = fc.record({
    source: fc.constantFrom("web", "server"),
    events: fc.integer({ min: 0, max: 3_000 }),
    email: fc.double({ min: 0, max: 1, noNaN: true }),
    sound: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const hour = fc.uniqueArray(kind, { selector: ({ source }) => source, maxLength: 2 });
  fc.assert(
    fc.property(hour, hour, (now, before) => {
      const found = judge((it) => (it === HOUR ? now : before));
      for (const { expected, observed, window } of found) {
        expect(observed).toBeLessThan(expected.low);
        expect(expected.low).toBeLessThanOrEqual(expected.high);
        expect(window.end).toBe(END);
      }
      const turned = judge((it) => (it === HOUR ? now : before).toReversed());
      expect(turned.map(({ sentence }) => sentence).sort()).toEqual(found.map(({ sentence }) => sentence).sort());
    }),
    { numRuns: 50 },
  );
});
