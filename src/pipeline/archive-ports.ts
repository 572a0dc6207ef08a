import type { ArchivedEvent } from "../core/archived-event.ts";
import type { SendResult } from "./ports.ts";

/** The archive, seen from enrich. Never throws for the service's refusals. */
export interface EventArchive {
  /** Splits by count and bytes, tries again what was refused, and answers per event, in order. */
  put(events: readonly ArchivedEvent[]): Promise<SendResult[]>;
}

/** One object of the archive. */
export interface ArchiveObject {
  readonly key: string;
  readonly bytes: number;
  /** `archived_at` of what it holds lies between these, epoch ms. */
  readonly from: number;
  readonly to: number;
}

/** The archive, seen from replays, searches and the reconciliation. Throws when the store does not answer. */
export interface ArchiveReader {
  /** Objects that may hold what was archived from `from` (inclusive) to `to` (exclusive), oldest first. */
  objects(from: number, to: number): Promise<readonly ArchiveObject[]>;
  /** Its lines, as text: a broken one must not cost the reader the others. */
  lines(key: string): AsyncIterable<string>;
}
