import type { Rule } from "./rules.ts";

/** How far from now an event may lie, ms. */
export interface TimeBounds {
  readonly maxAgeMs: number;
  /** For clocks that run fast; 0 refuses every time after now. */
  readonly maxAheadMs: number;
}

/** Whole seconds since 1970 within the bounds; a value in ms or µs is far in the future and is named as such. */
export function epochSeconds(now: number, bounds: TimeBounds): Rule {
  return epoch(now, bounds, 1000, "seconds");
}

/** Whole milliseconds since 1970 within the bounds. */
export function epochMillis(now: number, bounds: TimeBounds): Rule {
  return epoch(now, bounds, 1, "milliseconds");
}

/** Whole microseconds since 1970 within the bounds. */
export function epochMicros(now: number, bounds: TimeBounds): Rule {
  return epoch(now, bounds, 1 / 1000, "microseconds");
}

/** ISO 8601 with `Z` or an offset and a day that exists, within the bounds. */
export function isoTime(now: number, bounds: TimeBounds): Rule {
  return (value) => {
    const time = typeof value === "string" ? instantOf(value) : undefined;
    if (time === undefined) return "must be an ISO 8601 time with Z or an offset";
    return outside(time, now, bounds);
  };
}

/** Age limits of so many days, with the five minutes ahead that clocks need. */
export function withinDays(days: number, maxAheadMs = 300_000): TimeBounds {
  return { maxAgeMs: days * 86_400_000, maxAheadMs };
}

function epoch(now: number, bounds: TimeBounds, unitMs: number, unit: string): Rule {
  return (value) => {
    if (!Number.isSafeInteger(value)) return `must be whole ${unit} since 1970`;
    const time = Number(value) * unitMs;
    // No platform takes events of decades ago or ahead: such a number is in another unit.
    if (time < now / 10 || time > now * 10) return `must be in ${unit}`;
    return outside(time, now, bounds);
  };
}

function outside(time: number, now: number, { maxAgeMs, maxAheadMs }: TimeBounds): string | undefined {
  if (time > now + maxAheadMs) return "is in the future";
  return time < now - maxAgeMs ? `is more than ${hours(maxAgeMs)} hours ago` : undefined;
}

function hours(ms: number): number {
  return Math.round(ms / 3_600_000);
}

const ISO_TIME = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Epoch ms of an ISO time; `Date` alone reads many other forms, and rolls 30 February over into March. */
function instantOf(value: string): number | undefined {
  const found = ISO_TIME.exec(value);
  if (found === null) return undefined;
  const [, year, month, day] = found.map(Number);
  const lastDay = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  const time = Date.parse(value);
  return (day ?? 0) > lastDay || Number.isNaN(time) ? undefined : time;
}
