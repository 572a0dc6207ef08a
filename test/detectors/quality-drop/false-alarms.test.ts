import { FEWEST_EVENTS, fallOf, isOver, LEAST_FALL, type Presence } from "../../../src/detectors/quality-drop/fall.ts";

// Looked up once: in jest's world each look at a global takes longer than what is done with it here.
const { PI, cos, floor, imul, log, max, min, round, sin, sqrt } = Math;

/** Seeded: the same weeks in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of a normal distribution, by Box and Muller. */
function normalFrom(random: () => number): () => number {
  return () => sqrt(-2 * log(1 - random())) * cos(2 * PI * random());
}

const WEEK_HOURS = 168;
const WEEKS_BACK = 4;
const WINDOWS = [1, 6, 24];

interface Series {
  /** Sums before each hour. */
  readonly events: Float64Array;
  readonly had: Float64Array;
}

interface Shape {
  readonly weeks: number;
  /** Events in an ordinary hour. */
  readonly hourly: number;
  /** Share of events with the identifier. */
  readonly share: number;
  readonly seed: number;
  /** By hour: what is taken from the share. */
  readonly fallAt?: (hour: number) => number;
}

/**
 * One identifier of one source: volume and share with their hours of the day and days of the week, shares that wander
 * from week to week and from hour to hour, persons who send more than one event, and a clock change twice a year.
 */
function series({ fallAt = () => 0, hourly, seed, share, weeks }: Shape): Series {
  const normal = normalFrom(randomFrom(seed));
  const hours = weeks * WEEK_HOURS;
  const events = new Float64Array(hours + 1);
  const had = new Float64Array(hours + 1);
  let wander = 0;
  for (let hour = 0; hour < hours; hour += 1) {
    const week = floor(hour / WEEK_HOURS);
    if (hour % WEEK_HOURS === 0) wander = 0.5 * wander + 0.012 * normal();
    const local = hour + (floor(week / 26) % 2);
    const day = sin((2 * PI * local) / 24);
    const isWeekend = local % WEEK_HOURS >= 5 * 24;
    const level = hourly * (1 + 0.7 * day) * (isWeekend ? 1.4 : 1);
    const count = max(0, round(level + sqrt(2 * level) * normal()));
    const usual = share + 0.06 * day - (isWeekend ? 0.08 : 0) + wander + 0.02 * normal();
    const part = min(1, max(0, usual - fallAt(hour)));
    const drawn = round(count * part + sqrt(1.5 * count * part * (1 - part)) * normal());
    events[hour + 1] = (events[hour] ?? 0) + count;
    had[hour + 1] = (had[hour] ?? 0) + min(count, max(0, drawn));
  }
  return { events, had };
}

function presence({ events, had }: Series, end: number, length: number): Presence {
  const count = (events[end] ?? 0) - (events[end - length] ?? 0);
  const with_ = (had[end] ?? 0) - (had[end - length] ?? 0);
  return { events: count, had: with_, worth: with_ };
}

/** As the detector does: a fall of the window that no newer part of it says is over. */
function isFound(all: Series, end: number, length: number): boolean {
  const ends = pastEnds(all, end, length);
  const most = ends.reduce((high, it) => max(high, shareAt(all, it, length)), 0);
  // A quick way out of millions of hours: what is hardly below the best of the past is no fall from its middle.
  if (ends.length < 3 || shareAt(all, end, length) > most - LEAST_FALL) return false;
  const fall = fallOf(presence(all, end, length), pastOf(all, ends, length), "weeks");
  if (fall === undefined) return false;
  return !WINDOWS.some((shorter) => {
    if (shorter >= length || countAt(all, end, shorter) < FEWEST_EVENTS) return false;
    const shorterEnds = pastEnds(all, end, shorter);
    if (shorterEnds.length < 3) return false;
    return isOver(fall, presence(all, end, shorter), pastOf(all, shorterEnds, shorter));
  });
}

function pastOf(all: Series, ends: readonly number[], length: number): Presence[] {
  return ends.map((it) => presence(all, it, length));
}

/** Of each past week the lowest of the window and its neighbours. */
function pastEnds(all: Series, end: number, length: number): number[] {
  const ends: number[] = [];
  for (let week = 1; week <= WEEKS_BACK; week += 1) {
    let low: number | undefined;
    for (let shift = -1; shift <= 1; shift += 1) {
      const it = end - week * WEEK_HOURS + shift;
      if (
        countAt(all, it, length) >= FEWEST_EVENTS &&
        !(shareAt(all, it, length) >= (low === undefined ? 2 : shareAt(all, low, length)))
      )
        low = it;
    }
    if (low !== undefined) ends.push(low);
  }
  return ends;
}

function countAt({ events }: Series, end: number, length: number): number {
  return (events[end] ?? 0) - (events[end - length] ?? 0);
}

function shareAt(all: Series, end: number, length: number): number {
  return ((all.had[end] ?? 0) - (all.had[end - length] ?? 0)) / countAt(all, end, length);
}

test("10,000 noisy quiet weeks: a week in a thousand has a false alarm at most", () => {
  const shapes = [
    { hourly: 60, share: 0.5 },
    { hourly: 150, share: 0.9 },
    { hourly: 600, share: 0.7 },
    { hourly: 20, share: 0.3 },
  ];
  const weeks = 10_000 / shapes.length;
  const told = shapes.map((shape, index) => {
    const all = series({ ...shape, weeks: weeks + WEEKS_BACK + 1, seed: 100 + index });
    const alarmed = new Set<number>();
    let hours = 0;
    for (let hour = (WEEKS_BACK + 1) * WEEK_HOURS; hour < (weeks + WEEKS_BACK + 1) * WEEK_HOURS; hour += 1) {
      if (!WINDOWS.some((length) => isFound(all, hour, length))) continue;
      hours += 1;
      alarmed.add(floor(hour / WEEK_HOURS));
    }
    return { ...shape, weeks, weeksWithAlarm: alarmed.size, hoursWithAlarm: hours };
  });
  console.log(`false alarms in quiet weeks: ${JSON.stringify(told)}`);
  const alarmed = told.reduce((sum, { weeksWithAlarm }) => sum + weeksWithAlarm, 0);
  expect(alarmed).toBeLessThanOrEqual(10);
});

test.each([
  { hourly: 300, left: 0.1, within: 1, atLeast: 95 },
  { hourly: 200, left: 0.5, within: 6, atLeast: 95 },
  { hourly: 100, left: 0.75, within: 24, atLeast: 90 },
  { hourly: 30, left: 0.5, within: 24, atLeast: 95 },
  { hourly: 5, left: 0.3, within: 24, atLeast: 90 },
])("of $hourly events an hour a fall to $left is found within $within h", ({ atLeast, hourly, left, within }) => {
  let found = 0;
  for (let seed = 1; seed <= 100; seed += 1) {
    // Not all in the same hour of the week.
    const begins = 5 * WEEK_HOURS + ((seed * 37) % WEEK_HOURS);
    const fallAt = (hour: number) => (hour >= begins ? 0.7 * (1 - left) : 0);
    const all = series({ hourly, share: 0.7, weeks: 7, seed: 1_000 + seed, fallAt });
    const ends = Array.from({ length: within }, (_, index) => begins + index + 1);
    if (ends.some((end) => WINDOWS.some((length) => isFound(all, end, length)))) found += 1;
  }
  console.log(`a fall to ${left} of the share, ${hourly} events an hour: found within ${within} h in ${found} of 100`);
  expect(found).toBeGreaterThanOrEqual(atLeast);
});

test("a fall to a third for six hours is told for an hour or two after it was mended, and not for a day", () => {
  const hoursTold: number[] = [];
  for (let seed = 1; seed <= 100; seed += 1) {
    const begins = 5 * WEEK_HOURS + ((seed * 37) % WEEK_HOURS);
    const ends = begins + 6;
    const fallAt = (hour: number) => (hour >= begins && hour < ends ? 0.47 : 0);
    const all = series({ hourly: 200, share: 0.7, weeks: 8, seed: 2_000 + seed, fallAt });
    const after = Array.from({ length: 24 }, (_, index) => ends + index + 1);
    hoursTold.push(after.filter((end) => WINDOWS.some((length) => isFound(all, end, length))).length);
  }
  const mean = hoursTold.reduce((sum, it) => sum + it, 0) / hoursTold.length;
  console.log(`a fall of six hours is told ${mean} hours after its end`);
  expect(mean).toBeLessThan(2);
});
