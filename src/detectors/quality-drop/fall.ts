/** How an identifier does in one window. */
export interface Presence {
  readonly events: number;
  /** Events that had it. */
  readonly had: number;
  /** The same, each by the part of its weight that counted: no more than `had`. */
  readonly worth: number;
}

/** What the past is made of: days of one week differ among themselves more than one weekday does from week to week. */
export type Basis = "weeks" | "days";

/** An identifier that is worth clearly less than before. */
export interface Fall {
  readonly now: Presence;
  /** Shares of the events, 0 to 1: what is usual, the middle of the past. */
  readonly usual: { readonly had: number; readonly worth: number };
  /** Share under which the worth would have been found to have fallen. */
  readonly low: number;
}

/** Fewer events than this have a share that says too little, in a window and in each past one. */
export const FEWEST_EVENTS = 40;

/** Least fall of a share that is worth a person's time, and the least in relation to what was usual. */
export const LEAST_FALL = 0.05;
const LEAST_PART = 0.1;

/** Width of the expected range in spreads; what it costs in false alarms is measured by the detector's test. */
const SPREADS = 4;
/** Events of an hour are not as many persons: somebody sends several, all with or all without the identifier. */
const EVENTS_PER_PERSON = 2;
/** How far a share wanders without a cause, even where the past looks smoother. */
const NOISE = { weeks: 0.02, days: 0.06 } as const;

/**
 * Whether the identifier's worth fell, against windows of the past that are known and busy enough. Middle and spread
 * are medians, so that one bad week of the past does not move them.
 */
export function fallOf(now: Presence, past: readonly Presence[], basis: Basis): Fall | undefined {
  if (now.events < FEWEST_EVENTS || past.length === 0) return undefined;
  const worths = past.map(worthShare);
  const worth = median(worths);
  const share = worthShare(now);
  const fell = worth - share;
  if (fell < LEAST_FALL || fell < LEAST_PART * worth) return undefined;
  const low = worth - reach(now.events, worth, worths, past, basis);
  if (share >= low) return undefined;
  return { now, usual: { had: median(past.map(({ events, had }) => had / events)), worth }, low };
}

/** A newer window is clearly above a fallen share from so many spreads of its draw on. */
const SPREADS_UP = 3;

/**
 * Whether the newest part of the window, against the same hours of its own past, says that the fall is over: less than
 * half of it is left, and more than the draw can explain is back. A day that had a bad morning is no news in the evening.
 */
export function isOver({ now, usual }: Fall, newest: Presence, past: readonly Presence[]): boolean {
  const fell = usual.worth - worthShare(now);
  const left = median(past.map(worthShare)) - worthShare(newest);
  const spread = Math.sqrt(drawnSquare(newest.events, worthShare(now)) + NOISE.weeks ** 2);
  return left < fell / 2 && fell - left > SPREADS_UP * spread;
}

/** The part of the events that the identifier is worth, 0 to 1. */
export function worthShare({ events, worth }: Presence): number {
  return worth / events;
}

function reach(
  events: number,
  middle: number,
  worths: readonly number[],
  past: readonly Presence[],
  basis: Basis,
): number {
  const seen = past.reduce((sum, it) => sum + it.events, 0);
  // Never quite 0 or 1: a share that all of the past had may still be 99 %.
  const share = (middle * seen + 1) / (seen + 2);
  const drawn = drawnSquare(events, share);
  // About the middle of a small group deviations come out too small.
  const scattered = 1.4826 * median(worths.map((it) => Math.abs(it - middle))) * (1 + 2 / past.length);
  const wandering = Math.max(NOISE[basis], scattered);
  // The middle of a handful of windows is itself off by a part of the spread.
  const doubt = Math.sqrt(1 + 1.5 / past.length);
  return SPREADS * doubt * Math.sqrt(drawn + wandering ** 2);
}

/** Square of the spread that a share has by the draw alone. */
function drawnSquare(events: number, share: number): number {
  return (EVENTS_PER_PERSON * share * (1 - share)) / events;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
