import type { ResolvedSource } from "../config/resolved-config.ts";

/** Length of one window of a rate limit, ms: long enough that a sender's batch fits into an ordinary allowance. */
export const RATE_WINDOW_MS = 10_000;

/**
 * Most a source's own containers tell the shared count in a second. One item takes 1,000 writes a second; a source that
 * may send more than half of that has its counts told in bundles.
 */
const REPORTS_PER_SECOND = 500;

/** What all containers together counted. Throws when the store does not answer. */
export interface RateCounters {
  /** Adds to a source's events of the window that began at this time (epoch ms), and answers the window's new sum. */
  add(source: string, windowStart: number, events: number): Promise<number>;
}

/** A source that has used up its window. `isFirst` is true once per container and window, for what is to be said once. */
interface RateRefusal {
  readonly retryAfterSeconds: number;
  readonly isFirst: boolean;
}

/** The rate limits of the sources, as one container sees them. */
export interface SourceRates {
  /** Undefined when the source may send now, as one without a limit always may. Asks nobody. */
  refusal(source: ResolvedSource): RateRefusal | undefined;
  /** Counts a request's events. To run beside the queue's send and to be awaited with it; never throws. */
  count(source: ResolvedSource, events: number): Promise<void>;
}

interface RateWindow {
  readonly start: number;
  /** The most that this container knows all of them to have counted. */
  total: number;
  /** Of this container, not told yet. */
  untold: number;
  refused: boolean;
}

/**
 * Limits each source to its `rateLimit` over all containers, in windows of ten seconds. A request is taken whole while
 * its container knows of room in the window, and what all have sent is learned from the answer to one's own count. So
 * after the window is full, each container takes one more request at most: a window of the limit L never takes more than
 * 10 L - 1 + containers × (largest request + L/500). While the store does not answer, each container limits by its own
 * count alone: events are worth more than the limit.
 */
export function createSourceRates({ counters, now }: { counters: RateCounters; now: () => number }): SourceRates {
  const windows = new Map<string, RateWindow>();

  function windowOf({ id }: ResolvedSource): RateWindow {
    const start = Math.floor(now() / RATE_WINDOW_MS) * RATE_WINDOW_MS;
    const known = windows.get(id);
    if (known?.start === start) return known;
    const window = { start, total: 0, untold: 0, refused: false };
    windows.set(id, window);
    return window;
  }

  return {
    refusal(source) {
      if (source.rateLimit === undefined) return undefined;
      const window = windowOf(source);
      if (window.total + window.untold < allowanceOf(source.rateLimit)) return undefined;
      const isFirst = !window.refused;
      window.refused = true;
      return { retryAfterSeconds: Math.max(1, Math.ceil((window.start + RATE_WINDOW_MS - now()) / 1_000)), isFirst };
    },
    async count(source, events) {
      if (source.rateLimit === undefined) return;
      const window = windowOf(source);
      window.untold += events;
      if (window.untold < Math.ceil(source.rateLimit / REPORTS_PER_SECOND)) return;
      const told = window.untold;
      window.untold = 0;
      window.total += told;
      try {
        window.total = Math.max(window.total, await counters.add(source.id, window.start, told));
      } catch {
        // Not told again: the store may have it, and a count that is too high would refuse events that are allowed.
      }
    },
  };
}

function allowanceOf(rateLimit: number): number {
  return (rateLimit * RATE_WINDOW_MS) / 1_000;
}
