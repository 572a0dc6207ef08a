import { z } from "zod/mini";
import { DAY_MS } from "../core/durations.ts";
import { utcDay } from "../core/utc-day.ts";
import { invalidCursor, readCursor, writeCursor } from "./cursor.ts";
import type { DayRange } from "./lookup-ports.ts";

// Lists of what needs attention are kept by day; these are walked backwards.

/** Entries of one moment that a position may pass over; so many are read to get past them. */
const MOST_GIVEN = 10_000;

/** The time of the last entry that was given, and how many of that time: what it was may be personal. */
const POSITION = z.strictObject({
  at: z.int().check(z.nonnegative()),
  given: z.int().check(z.nonnegative(), z.maximum(MOST_GIVEN)),
});

/** Which part of a list: times in epoch ms, `to` exclusive. */
export interface ListedSpan {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page and where the next one begins. */
export interface DayPage<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/**
 * The newest entries of a span, at most `limit`. `read` gives a part of one day's list, newest first, in an order that
 * does not depend on its limit.
 */
export async function newestOfDays<Item>(
  span: ListedSpan,
  read: (range: DayRange) => Promise<readonly Item[]>,
  atOf: (item: Item) => number,
): Promise<DayPage<Item>> {
  const position = readCursor(span.cursor, POSITION);
  const { from, limit } = span;
  // Else it would read another time than the one asked for.
  if (position !== undefined && position.at >= span.to) throw invalidCursor();
  const until = Math.min(span.to - 1, position?.at ?? Number.MAX_SAFE_INTEGER);
  const items: Item[] = [];
  if (until < from) return { items };
  for (let day = startOfDay(until); day + DAY_MS > from && items.length < limit; day -= DAY_MS) {
    const skipped = position !== undefined && day === startOfDay(position.at) ? position : undefined;
    const wanted = limit - items.length;
    const found = await read({
      day: utcDay(day),
      from: Math.max(from, day),
      until: Math.min(until, day + DAY_MS - 1),
      limit: wanted + (skipped?.given ?? 0),
    });
    const given = found.findIndex((item, index) => atOf(item) !== skipped?.at || index >= skipped.given);
    items.push(...(given === -1 ? [] : found.slice(given)));
  }
  const next = items.length < limit ? undefined : cursorAfter(items, span.cursor, atOf);
  return { items, ...(next === undefined ? {} : { next }) };
}

/**
 * The cursor behind a page; undefined behind none. `isListed` tells which of its entries are still on the list: those
 * that were taken off it meanwhile are not to be passed over again.
 */
export function cursorAfter<Item>(
  items: readonly Item[],
  cursor: string | undefined,
  atOf: (item: Item) => number,
  isListed: (item: Item) => boolean = () => true,
): string | undefined {
  const last = items.at(-1);
  if (last === undefined) return undefined;
  const at = atOf(last);
  const before = readCursor(cursor, POSITION);
  const ofThisMoment = items.filter((item) => atOf(item) === at && isListed(item)).length;
  return writeCursor({ at, given: ofThisMoment + (before?.at === at ? before.given : 0) });
}

function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}
