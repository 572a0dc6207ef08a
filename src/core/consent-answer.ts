import type { ConsentValue } from "./consent.ts";
import { DAY_MS } from "./durations.ts";
import type { SourceKind } from "./event.ts";

/** One answer and when it counts as given, epoch ms. */
export interface Said {
  readonly value: ConsentValue;
  readonly at: number;
  /** Companies that the TC string which granted this left out, in ascending order. */
  readonly except?: readonly number[];
}

/**
 * What was last said of one purpose, as it is kept: `value` and `at` by the time of events, at which a device that shows a
 * string speaks. `dated` is the same by the strings' own dates, and without what a device refused in plain words; fields
 * that are not in it are as beside it. Absent, a grant counts both ways and a refusal is a device's.
 */
export interface ConsentAnswer extends Said {
  readonly dated?: Partial<Said>;
}

/**
 * Both readings of an answer, each the last of its kind: a purpose is refused when either is. Tags send `denied` until the
 * banner's script is there, also of who accepted weeks ago: a string that a device shows later has to take that back. But
 * what was refused elsewhere, at a back end or by another device's string, no older string takes back, however late it is
 * shown. One reading cannot tell both, and two that are each the latest come out the same in any order.
 */
export interface Readings {
  readonly shown: Said | undefined;
  readonly dated: Said | undefined;
}

/** An answer as an event gives it. */
interface GivenAnswer extends Said {
  readonly isByString: boolean;
  readonly kind: SourceKind;
  /** Of the event; `at` is earlier where a string is older. */
  readonly eventTime: number;
}

/** What an event's answer adds to the memory. */
export function answerOf({ at, eventTime, except, isByString, kind, value }: GivenAnswer): ConsentAnswer {
  const said = { value, at, ...exceptFor(except) };
  if (kind === "server") return packed({ shown: said, dated: said });
  if (value === "granted") return packed({ shown: { value, at: eventTime }, dated: said });
  return packed({ shown: said, dated: isByString ? { value, at: beforeItsDay(at) } : undefined });
}

/** The two readings of what is kept, or of nothing. */
export function readingsOf(answer: ConsentAnswer | undefined): Readings {
  if (answer === undefined) return { shown: undefined, dated: undefined };
  const { at, dated, except, value } = answer;
  const shown = { value, at };
  if (dated !== undefined) return { shown, dated: { ...shown, ...dated } };
  return { shown, dated: value === "granted" ? { ...shown, ...exceptFor(except) } : undefined };
}

/** Both, by either reading; in whatever order they are merged. */
export function mergedAnswer(a: ConsentAnswer, b: ConsentAnswer): ConsentAnswer {
  const [mine, other] = [readingsOf(a), readingsOf(b)];
  return packed({ shown: laterOf(mine.shown, other.shown), dated: laterOf(mine.dated, other.dated) });
}

/** Of two the later, of two at one moment the refusal, of two such grants all that either leaves out. */
function laterOf(a: Said | undefined, b: Said | undefined): Said | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (isLater(b, a)) return b;
  return a.value === b.value && a.at === b.at ? { ...a, ...exceptFor(a.except, b.except) } : a;
}

/** Whether `a` counts more than `b`. */
export function isLater(a: Said, b: Said): boolean {
  return a.at > b.at || (a.at === b.at && a.value === "denied");
}

/** Companies of all the lists, as an answer holds them: absent when there are none. */
export function exceptFor(...lists: (readonly number[] | undefined)[]): Pick<Said, "except"> {
  const vendors = [...new Set(lists.flatMap((list) => list ?? []))].sort((a, b) => a - b);
  return vendors.length === 0 ? {} : { except: vendors };
}

function packed({ dated, shown }: Readings): ConsentAnswer {
  if (shown === undefined) throw new Error("an answer is always by the time of an event, too");
  const { at, value } = shown;
  if (dated === undefined) return { value, at };
  if (value === "granted" && dated.value === value && dated.at === at) return dated;
  const { at: datedAt, value: datedValue, ...except } = dated;
  return {
    ...{ value, at },
    dated: {
      ...(datedValue === value ? {} : { value: datedValue }),
      ...(datedAt === at ? {} : { at: datedAt }),
      ...except,
    },
  };
}

/**
 * Most strings have a day for a date. Of two of one day the one that was shown later counts: who accepts a minute after a
 * string that refused was sent, and comes back in a week, has accepted.
 */
function beforeItsDay(at: number): number {
  return at - (at % DAY_MS) - 1;
}
