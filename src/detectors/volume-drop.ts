import { DAY_MS, HOUR_MS } from "../core/durations.ts";
import { defineDetector, type Finding, type HourlySeries, type Monitored, type Verdict } from "../core/finding.ts";

const PAST_DAYS = 28;
/** Below these the past says too little for an alarm that people would believe. */
const MIN_DAYS = 7;
const MIN_EXPECTED = 20;
/** So many same weekdays make a better past than all days together. */
const MIN_SAME_WEEKDAYS = 3;
/** Width of the expected range in spreads. Simulated: a false alarm in 1,000 to 10,000 ordinary hours, by how noisy days are. */
const SPREADS = 4;
/** Spread of the square root of a Poisson count, whatever its mean. */
const POISSON_SPREAD = 0.5;
/** Share of the level that day-to-day noise has even where the past looks smoother. */
const NOISE_SHARE = 0.05;
/** At or under this share of the usual level hardly anything arrives any more. */
const CRITICAL_SHARE = 0.25;

const WEEKDAYS = ["Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"];

/**
 * Far fewer events in the last hour than in the same hour of past days.
 *
 * Judged on square roots, where counts small and large have the same spread: the middle is the median and the spread
 * the median deviation, so that one past outage or sale does not move them. The hours are UTC: in the week after
 * a clock change a steep morning can look like a drop of one hour.
 */
export const volumeDrop = defineDetector({
  id: "volume_drop",
  // One hour more than the days take: the first hour of a series is a partial one and never counts.
  lookbackHours: PAST_DAYS * 24 + 1,

  series: ({ sources, keyEvents, destinations }: Monitored) => [
    ...sources.map((source) => ({
      subject: `source/${source}`,
      label: `events accepted from ${source}`,
      metric: "EventsAccepted" as const,
      dimensions: { source },
    })),
    ...keyEvents.map((name) => ({
      subject: `key_event/${name}`,
      label: `${name} events`,
      metric: "KeyEvents" as const,
      dimensions: { event_name: name },
    })),
    ...destinations.map((destination) => ({
      subject: `destination/${destination}`,
      label: `deliveries to ${destination}`,
      metric: "Deliveries" as const,
      dimensions: { destination, outcome: "delivered" },
    })),
  ],

  detect(series, windowEnd): Verdict {
    const start = windowEnd - HOUR_MS;
    const past = sameHourOfPastDays(series, start);
    if (past.length < MIN_DAYS) return { found: [], quiet: [] };
    const expected = expectation(past);
    if (expected.middle < MIN_EXPECTED) return { found: [], quiet: [] };
    const observed = series.points.get(start) ?? 0;
    if (observed >= expected.low) return { found: [], quiet: [series.subject] };
    return { found: [findingOf(series, { start, end: windowEnd }, observed, expected)], quiet: [] };
  },
});

function findingOf(
  { label, subject }: HourlySeries,
  window: Finding["window"],
  observed: number,
  expected: Expectation,
): Finding {
  const low = Math.ceil(expected.low);
  const high = Math.floor(expected.high);
  return {
    detector: "volume_drop",
    subject,
    window,
    severity: observed <= CRITICAL_SHARE * expected.middle ? "critical" : "warning",
    observed,
    expected: { low, high },
    basis: expected.basis,
    sentence:
      `${label}: ${observed} in ${clock(window.start)}-${clock(window.end)} UTC, ` +
      `${low} to ${high} expected from the same hour of ${expected.basis} past ${expected.days}`,
  };
}

interface PastHour {
  start: number;
  count: number;
}

/** The same hour of each past day since the series began; an hour without a point in that time was empty. */
function sameHourOfPastDays(series: HourlySeries, start: number): PastHour[] {
  const began = Math.min(...series.points.keys());
  return Array.from({ length: PAST_DAYS }, (_, index) => start - (index + 1) * DAY_MS)
    .filter((hour) => hour > began)
    .map((hour) => ({ start: hour, count: series.points.get(hour) ?? 0 }));
}

interface Expectation {
  low: number;
  middle: number;
  high: number;
  basis: number;
  days: string;
}

function expectation(past: readonly PastHour[]): Expectation {
  const weekday = new Date((past[0]?.start ?? 0) + DAY_MS).getUTCDay();
  const sameWeekday = past.filter(({ start }) => new Date(start).getUTCDay() === weekday);
  const byWeekday = sameWeekday.length >= MIN_SAME_WEEKDAYS;
  const basis = byWeekday ? sameWeekday : past;
  const middle = median(roots(basis));
  const noise = byWeekday ? weekdayNoise(past) : spread(deviations(roots(past)), past.length);
  // The middle of a handful of hours is itself off by a part of the spread.
  const doubt = Math.sqrt(1 + 1.5 / basis.length);
  const reach = SPREADS * doubt * Math.max(POISSON_SPREAD, NOISE_SHARE * middle, noise);
  const lowest = Math.min(...past.map(({ count }) => count));
  return {
    // A past so uneven that anything would pass still has a lowest hour: a third of that is a drop all the same.
    low: Math.max(Math.max(0, middle - reach) ** 2, lowest / 3),
    middle: middle ** 2,
    high: (middle + reach) ** 2,
    basis: basis.length,
    days: byWeekday ? (WEEKDAYS[weekday] ?? "days") : "days",
  };
}

/**
 * Noise about each weekday's own middle, over all weekdays: three or four Mondays say where a Monday lies, but not how
 * far Mondays scatter.
 */
function weekdayNoise(past: readonly PastHour[]): number {
  const groups = Map.groupBy(past, ({ start }) => new Date(start).getUTCDay());
  const full = [...groups.values()].filter((group) => group.length >= MIN_SAME_WEEKDAYS);
  const scattered = full.flatMap((group) => deviations(roots(group)));
  return spread(scattered, scattered.length / full.length);
}

function roots(past: readonly PastHour[]): number[] {
  return past.map(({ count }) => Math.sqrt(count));
}

function deviations(values: readonly number[]): number[] {
  const middle = median(values);
  return values.map((value) => Math.abs(value - middle));
}

/** The median deviation as a normal spread; about the middle of a small group deviations come out too small. */
function spread(deviationsFound: readonly number[], groupSize: number): number {
  return 1.4826 * median(deviationsFound) * (1 + 2 / groupSize);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 16);
}
