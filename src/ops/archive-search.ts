import { z } from "zod/mini";
import { type ArchivedEvent, archivedLineId } from "../core/archived-event.ts";
import { parseErased } from "../core/erased-line.ts";
import { parseArchived } from "../core/replay.ts";
import type { ArchiveObject, ArchiveReader } from "../pipeline/archive-ports.ts";

/** How much one request may read. One object is always read on, so that each request gets further. */
export interface ReadBudget {
  /** Epoch ms. */
  readonly deadline: number;
  /** Of objects as they are stored, compressed. */
  bytes: number;
}

/**
 * How far a search is. It goes backwards through windows of time, in each through the objects that end there, the
 * latest first, and in each object forward.
 */
export const SEARCH_POSITION = z.strictObject({
  /** Where the search began: exclusive, epoch ms. */
  to: z.int().check(z.nonnegative()),
  /** End of the window that it is in. */
  end: z.int().check(z.nonnegative()),
  /** The object that it is in, by its end and its key, and how many of its lines are done. */
  object: z.optional(z.strictObject({ to: z.int(), key: z.string(), lines: z.int().check(z.nonnegative()) })),
});
export type SearchPosition = z.infer<typeof SEARCH_POSITION>;

/** What is searched for: `from` (inclusive) and the position are of `archived_at`. */
export interface ArchiveSearch {
  readonly from: number;
  readonly position: SearchPosition;
  readonly limit: number;
  /** Asked of every line: those of later copies are not left out by themselves. */
  matches(archived: ArchivedEvent): boolean;
}

/** What one go found. `position` is absent when all is searched. */
export interface SearchResult {
  readonly found: readonly ArchivedEvent[];
  readonly position?: SearchPosition;
  /** Everything that was archived from then on has been looked at, epoch ms. */
  readonly searchedTo: number;
  readonly unreadable: number;
}

/** Each window costs a listing of its hours. */
const WINDOW_MS = 6 * 3_600_000;
/** Lines between two looks at the clock. */
const LINES_A_LOOK = 200;

/**
 * Searches the archive backwards until `limit` events match, the budget is used up, or all is searched. Newest first by
 * object; objects hold some minutes, and those of one time may overlap.
 */
export async function searchArchive(
  search: ArchiveSearch,
  budget: ReadBudget,
  archive: ArchiveReader,
  now: () => number,
): Promise<SearchResult> {
  const { from, limit } = search;
  const seen = new Set<string>();
  const found: ArchivedEvent[] = [];
  let unreadable = 0;
  let isFirst = true;
  let { position } = search;
  const stopAt = (at: SearchPosition): SearchResult => {
    const reached = at.object === undefined ? at.end : at.object.to + 1;
    return { found, position: at, searchedTo: Math.max(from, Math.min(reached, at.to)), unreadable };
  };
  while (position.end > from) {
    for (const object of await objectsAt(from, position, archive)) {
      const start = position.object?.key === object.key ? position.object.lines : 0;
      const at = (lines: number): SearchPosition => ({
        ...position,
        object: { to: object.to, key: object.key, lines },
      });
      if (!isFirst && (now() >= budget.deadline || budget.bytes <= 0)) return stopAt(at(start));
      isFirst = false;
      budget.bytes -= object.bytes;
      let lines = 0;
      for await (const line of archive.lines(object.key)) {
        lines += 1;
        if (lines <= start) continue;
        const archived = parseArchived(line);
        if (archived === undefined) unreadable += parseErased(line) === undefined ? 1 : 0;
        else if (isWanted(archived, search) && isNew(archived, seen)) found.push(archived);
        const isOver = lines % LINES_A_LOOK === 0 && now() >= budget.deadline;
        if (found.length >= limit || isOver) return stopAt(at(lines));
      }
    }
    position = { to: position.to, end: Math.max(from, position.end - WINDOW_MS) };
    if (now() >= budget.deadline && position.end > from) return stopAt(position);
  }
  return { found, searchedTo: from, unreadable };
}

/**
 * Objects of the window that the search has not done with, the latest first. An object belongs to the window in which
 * it ends; the first window also has those that end after it.
 */
async function objectsAt(from: number, position: SearchPosition, archive: ArchiveReader): Promise<ArchiveObject[]> {
  const { to, end, object: current } = position;
  const start = Math.max(from, end - WINDOW_MS);
  const isHere = (object: ArchiveObject) => object.to >= start && (object.to < end || end === to);
  const listed = (await archive.objects(start, end)).filter(isHere).sort(latestFirst);
  return current === undefined ? listed : listed.filter((object) => latestFirst(current, object) <= 0);
}

function latestFirst(a: Pick<ArchiveObject, "to" | "key">, b: Pick<ArchiveObject, "to" | "key">): number {
  if (a.to !== b.to) return b.to - a.to;
  return a.key === b.key ? 0 : a.key < b.key ? 1 : -1;
}

function isWanted(archived: ArchivedEvent, { from, position, matches }: ArchiveSearch): boolean {
  return archived.archived_at >= from && archived.archived_at < position.to && matches(archived);
}

/** After a crash an event is there twice. */
function isNew(archived: ArchivedEvent, seen: Set<string>): boolean {
  const id = archivedLineId(archived);
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}
