import { type ArchivedEvent, isLaterCopy } from "./archived-event.ts";

/** What is left of an erased event in the archive. */
export interface ErasedLine {
  readonly v: 1;
  readonly erased: true;
  readonly archived_at: number;
  /** It was a later copy of an event, and no event of its own. */
  readonly copy?: true;
}

/** What stands in place of an erased event: replays and searches keep their place by counting lines, and accounts count events. */
export function erasedLine(archived: ArchivedEvent): string {
  const copy = isLaterCopy(archived) ? { copy: true as const } : {};
  return JSON.stringify({ v: 1, erased: true, archived_at: archived.archived_at, ...copy } satisfies ErasedLine);
}

const BEGINNING = '{"v":1,"erased":true';

/** Undefined for what is no such line. There is nothing to read in one, and nothing broken either. */
export function parseErased(line: string): ErasedLine | undefined {
  if (!line.startsWith(BEGINNING)) return undefined;
  try {
    const parsed = JSON.parse(line) as ErasedLine;
    return typeof parsed.archived_at === "number" ? parsed : undefined;
  } catch {
    return undefined;
  }
}
