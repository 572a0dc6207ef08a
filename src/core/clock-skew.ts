import { DAY_MS, MINUTE_MS } from "./durations.ts";

/** Below this, the difference between two clocks is indistinguishable from a slow upload. */
const SMALLEST_SKEW_MS = 2 * MINUTE_MS;
/** A time further ahead than this is a mistake of the sender (a due date, microseconds), not a clock. */
const FURTHEST_AHEAD_MS = 7 * DAY_MS;

/** What an event and its request say of time, and what our clock says. */
export interface ClockReadings {
  /** As the sender's clock had it, epoch ms. */
  eventTime?: number | undefined;
  /** The same clock at the moment of sending, epoch ms. */
  sentAt?: number | undefined;
  /** Our clock, epoch ms. */
  receivedAt: number;
  /** True for clocks of visitors' devices; servers keep time, and their queues make old `sentAt`s. */
  deviceClock: boolean;
}

/** When an event happened by our clock, epoch ms, and what was done to find out. */
export interface CorrectedTime {
  eventTime: number;
  correctedByMs?: number;
  /** Set when the time is beyond what a wrong clock explains. */
  impossible?: true;
  /** Set when the time was ahead of ours and was brought back to the moment of receipt. */
  wasAhead?: true;
}

/**
 * When the event really happened. A device whose clock is off by minutes or days is off by the same amount when it
 * sends, so `receivedAt - sentAt` moves its readings onto our clock. The result is never after `receivedAt`, because
 * platforms refuse future times.
 */
export function correctClock({ eventTime, sentAt, receivedAt, deviceClock }: ClockReadings): CorrectedTime {
  if (eventTime === undefined) return { eventTime: receivedAt };
  const skew = sentAt === undefined || !deviceClock ? 0 : receivedAt - sentAt;
  const correctedByMs = Math.abs(skew) >= SMALLEST_SKEW_MS ? skew : 0;
  const moved = eventTime + correctedByMs;
  const correction = correctedByMs === 0 ? {} : { correctedByMs };
  if (moved - receivedAt > FURTHEST_AHEAD_MS) return { eventTime: receivedAt, impossible: true };
  // A second ahead is rounding and network, not worth a word.
  if (moved > receivedAt) {
    return { eventTime: receivedAt, ...correction, ...(moved - receivedAt > 1000 ? { wasAhead: true as const } : {}) };
  }
  return { eventTime: moved, ...correction };
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;
/** Epoch numbers below this are seconds (until the year 5138), from here on milliseconds (since 1973). */
const FIRST_MILLISECONDS = 1e11;
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** Epoch ms from ISO 8601 text (UTC when no zone is given), or epoch seconds or ms as a number or digits; else undefined. */
export function parseTime(input: number | string): number | undefined {
  const ms = typeof input === "number" ? fromEpoch(input) : fromText(input.trim());
  return ms !== undefined && ms >= EARLIEST_MS && ms <= 8.64e15 ? Math.round(ms) : undefined;
}

function fromEpoch(input: number): number | undefined {
  if (!Number.isFinite(input)) return undefined;
  return input < FIRST_MILLISECONDS ? input * 1000 : input;
}

function fromText(text: string): number | undefined {
  if (/^\d{9,17}(?:\.\d{1,9})?$/.test(text)) return fromEpoch(Number(text));
  const match = ISO_TIME.exec(text);
  if (!match) return undefined;
  const dateOnly = text.length === 10;
  // Without a zone JavaScript reads a time in the machine's zone; a sender cannot know which that is.
  const zoned = match[1] === undefined && !dateOnly ? `${text.trim()}Z` : text;
  const ms = Date.parse(zoned.replace(" ", "T").replace(",", "."));
  return Number.isNaN(ms) ? undefined : ms;
}
