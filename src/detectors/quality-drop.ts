import { IDENTIFIERS, type Identifier } from "../core/destination.ts";
import { DAY_MS, HOUR_MS } from "../core/durations.ts";
import { defineQualityDetector, type Finding, type QualityHours, type Verdict } from "../core/finding.ts";
import type { QualityCell } from "../core/quality-rollup.ts";
import { type Basis, FEWEST_EVENTS, fallOf, isOver, type Presence, worthShare } from "./quality-drop/fall.ts";
import { type FallenIdentifier, sentenceOf } from "./quality-drop/words.ts";

/** What is judged: short ones see a break at once, long ones see what few events or a small fall hide in an hour. */
const WINDOW_HOURS = [1, 6, 24] as const;
const LONGEST_HOURS = 24;

/** So many weeks back, of which so many must be known; else so many days. */
const PAST = { weeks: { most: 4, fewest: 3, ms: 7 * DAY_MS }, days: { most: 6, fewest: 4, ms: DAY_MS } } as const;

/** After a clock change what people do lies an hour off: a past window is the lowest of itself and its neighbours. */
const SHIFTS_MS = [0, -HOUR_MS, HOUR_MS] as const;

/** A fall that costs so many points of the score, or leaves at most this part of the identifier, is critical. */
const CRITICAL_COST = 1;
const CRITICAL_PART = 0.25;

/**
 * An identifier that clearly fewer events carry, or that is worth clearly less, than in the same hours of past weeks.
 *
 * Judged for each source, event and destination by itself: a total falls when the mix of sources changes although
 * each is as it was. Where the past weeks are not known yet, past days are the measure, with a wider range.
 */
export const qualityDrop = defineQualityDetector({
  id: "quality_drop",

  hours(windowEnd) {
    const ends = (["weeks", "days"] as const).flatMap((basis) => pastEnds(windowEnd, basis));
    const wanted = new Set([windowEnd, ...ends].flatMap((end) => hoursOf(end + HOUR_MS, LONGEST_HOURS + 2)));
    return [...wanted].filter((hour) => hour < windowEnd - HOUR_MS).sort((a, b) => b - a);
  },

  detect(hours, windowEnd): Verdict {
    const index = new CellIndex(hours);
    const found: Finding[] = [];
    const quiet: string[] = [];
    for (const cell of hours.get(windowEnd - HOUR_MS) ?? []) {
      const judged = judgeWindows(cell, windowEnd, index);
      if (judged === "quiet") quiet.push(subjectOf(cell));
      else if (judged !== undefined) found.push(judged);
    }
    return { found, quiet };
  },
});

type Key = Pick<QualityCell, "source" | "event" | "lane">;

interface Window {
  readonly end: number;
  /** Hours. */
  readonly length: number;
}

/** Finds the cells of an hour by what they are of. */
class CellIndex {
  readonly #cells: ReadonlyMap<number, ReadonlyMap<string, QualityCell>>;
  readonly #points = new Map<string, number>();

  constructor(hours: QualityHours) {
    this.#cells = new Map([...hours].map(([hour, cells]) => [hour, new Map(cells.map((it) => [nameOf(it), it]))]));
    for (const { gains, lane } of [...hours.values()].flat())
      for (const [it, tenths] of Object.entries(gains)) this.#points.set(JSON.stringify([lane, it]), tenths / 10);
  }

  /** The window's cells; undefined when one of its hours is not known. */
  in(key: Key, { end, length }: Window): QualityCell[] | undefined {
    const name = nameOf(key);
    const found: QualityCell[] = [];
    for (const hour of hoursOf(end, length)) {
      const cells = this.#cells.get(hour);
      if (cells === undefined) return undefined;
      const cell = cells.get(name);
      if (cell !== undefined) found.push(cell);
    }
    return found;
  }

  /** What an identifier gives at a destination, in points: weights do not change while the rules are of one version. */
  points(lane: string, identifier: Identifier): number | undefined {
    return this.#points.get(JSON.stringify([lane, identifier]));
  }
}

/** The same for windows of every length: a fall that an hour shows by day and six hours at night is one. */
function subjectOf({ event, lane, source }: Key): string {
  return `quality/${lane}/${source}/${event}`;
}

function nameOf({ event, lane, source }: Key): string {
  return JSON.stringify([source, event, lane]);
}

/** Starts of the hours before `end`, newest first. */
function hoursOf(end: number, length: number): number[] {
  return Array.from({ length }, (_, index) => end - (index + 1) * HOUR_MS);
}

function pastEnds(end: number, basis: Basis): number[] {
  const { most, ms } = PAST[basis];
  return Array.from({ length: most }, (_, index) => end - (index + 1) * ms);
}

/** What the shortest window finds that finds anything. Undefined: none has events enough, or a past. */
function judgeWindows(key: Key, end: number, index: CellIndex): Finding | "quiet" | undefined {
  let said: "quiet" | undefined;
  for (const length of WINDOW_HOURS) {
    const judged = judge(key, { end, length }, index);
    if (judged === "quiet") said = judged;
    else if (judged !== undefined) return judged;
  }
  return said;
}

function judge(key: Key, window: Window, index: CellIndex): Finding | "quiet" | undefined {
  const cells = index.in(key, window);
  if (cells === undefined || sum(cells, ({ events }) => events) < FEWEST_EVENTS) return undefined;
  const past = pastOf(key, window, index);
  if (past === undefined) return undefined;
  const newer = newerParts(key, window, index);
  const fallen = IDENTIFIERS.flatMap((identifier): FallenIdentifier[] => {
    const fall = fallOf(presenceIn(cells, identifier), usualOf(past, identifier), past.basis);
    if (fall === undefined) return [];
    const isMended = newer.some((it) => isOver(fall, presenceIn(it.cells, identifier), usualOf(it.past, identifier)));
    if (isMended) return [];
    const points = index.points(key.lane, identifier);
    const cost = points === undefined ? undefined : (fall.usual.worth - worthShare(fall.now)) * points;
    return [{ ...fall, identifier, ...(cost === undefined ? {} : { cost }) }];
  }).sort((a, b) => (b.cost ?? 0) - (a.cost ?? 0));
  const [worst, ...others] = fallen;
  if (worst === undefined) return "quiet";
  return findingOf({
    ...key,
    window,
    cells,
    fallen: [worst, ...others],
    basis: past.basis,
    compared: past.weeks.length,
  });
}

interface NewerPart {
  readonly cells: readonly QualityCell[];
  readonly past: Past;
}

/** The shorter windows with the same end, as far as they have events enough to be judged. */
function newerParts(key: Key, { end, length }: Window, index: CellIndex): NewerPart[] {
  return WINDOW_HOURS.filter((shorter) => shorter < length).flatMap((shorter) => {
    const cells = index.in(key, { end, length: shorter }) ?? [];
    if (sum(cells, ({ events }) => events) < FEWEST_EVENTS) return [];
    const past = pastOf(key, { end, length: shorter }, index);
    return past === undefined ? [] : [{ cells, past }];
  });
}

/** By past window, the lowest of it and its neighbours. */
function usualOf({ weeks }: Past, identifier: Identifier): Presence[] {
  return weeks.map((shifts) => lowest(shifts.map((it) => presenceIn(it, identifier))));
}

/** For each past window that is known and busy enough, the cells of it and of its neighbours that are as well. */
interface Past {
  readonly basis: Basis;
  readonly weeks: readonly (readonly (readonly QualityCell[])[])[];
}

function pastOf(key: Key, { end, length }: Window, index: CellIndex): Past | undefined {
  for (const basis of ["weeks", "days"] as const) {
    const weeks = pastEnds(end, basis).flatMap((pastEnd) => {
      const shifts = SHIFTS_MS.map((shift) => index.in(key, { end: pastEnd + shift, length }));
      const busy = shifts.flatMap((it) =>
        it !== undefined && sum(it, (cell) => cell.events) >= FEWEST_EVENTS ? [it] : [],
      );
      return shifts[0] === undefined || busy.length === 0 ? [] : [busy];
    });
    if (weeks.length >= PAST[basis].fewest) return { basis, weeks };
  }
  return undefined;
}

/** A later copy may be counted in the hour after its event: what it added is then more, or less, than the hour's events. */
function presenceIn(cells: readonly QualityCell[], identifier: Identifier): Presence {
  const events = sum(cells, (cell) => cell.events);
  const within = (count: number) => Math.min(events, Math.max(0, count));
  return {
    events,
    had: within(sum(cells, ({ sent }) => sent[identifier]?.[0] ?? 0)),
    worth: within(sum(cells, ({ sent }) => sent[identifier]?.[1] ?? 0) / 100),
  };
}

function lowest(presences: readonly Presence[]): Presence {
  return presences.reduce((low, it) => (worthShare(it) < worthShare(low) ? it : low));
}

interface Fallen extends Key {
  readonly window: Window;
  readonly cells: readonly QualityCell[];
  readonly fallen: readonly [FallenIdentifier, ...FallenIdentifier[]];
  readonly basis: Basis;
  readonly compared: number;
}

function findingOf({ window: { end, length }, cells, ...story }: Fallen): Finding {
  const { compared, fallen } = story;
  const [{ low, now, usual }] = fallen;
  const window = { start: end - length * HOUR_MS, end };
  const cost = fallen.reduce((total, it) => total + (it.cost ?? 0), 0);
  const score = sum(cells, ({ tenths }) => tenths) / now.events / 10;
  return {
    detector: "quality_drop",
    subject: subjectOf(story),
    window,
    severity: cost >= CRITICAL_COST || worthShare(now) <= CRITICAL_PART * usual.worth ? "critical" : "warning",
    observed: Math.round(now.worth),
    expected: { low: Math.ceil(low * now.events), high: now.events },
    basis: compared * length,
    sentence: sentenceOf({ ...story, window, score }),
  };
}

function sum(cells: readonly QualityCell[], of: (cell: QualityCell) => number): number {
  return cells.reduce((total, cell) => total + of(cell), 0);
}
