import { type ArchivedEvent, isLaterCopy } from "../core/archived-event.ts";
import { MINUTE_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { eventKey } from "../core/event-key.ts";
import { mergedConsent } from "../core/merged-consent.ts";
import { mergedEvent, partsOf } from "../core/merged-copies.ts";
import { present } from "../core/present.ts";
import { parseArchived } from "../core/replay.ts";
import { withoutRefused } from "../core/withheld-identifiers.ts";
import type { ArchiveReader } from "./archive-ports.ts";
import { linesWhileThere } from "./archived-lines.ts";

/** Clocks of two workers differ, and what one claimed in time another archives some tries later. */
const SLACK_MS = 5 * MINUTE_MS;
/** Objects whose copies are kept: those around the place where a replay is, which goes by time. */
const OBJECTS = 6;

/** An archived event with what later copies brought. */
export interface CompletedEvent extends ArchivedEvent {
  /** What it is made of, the first copy first; absent where it is one copy. */
  readonly copies?: readonly CanonicalEvent[];
}

/** Completes archived events by the later copies that were merged with them: those have lines of their own. */
export interface CopyFinder {
  completed(events: readonly ArchivedEvent[]): Promise<readonly CompletedEvent[]>;
}

/**
 * When the other copies of an archived action were archived: the first one not before it was received, and later ones not
 * after its window. Undefined for an event that has no copies.
 */
export function spanOfCopies({
  archived_at: at,
  copy_of,
  merge_until,
}: ArchivedEvent): { readonly from: number; readonly to: number } | undefined {
  if (copy_of === undefined && merge_until === undefined) return undefined;
  return { from: Math.min(at, copy_of?.received_at ?? at) - SLACK_MS, to: Math.max(at, merge_until ?? at) + SLACK_MS };
}

/** The time that holds all of these. */
export function wholeSpan(spans: readonly ReturnType<typeof spanOfCopies>[]): ReturnType<typeof spanOfCopies> {
  const known = spans.filter((span) => span !== undefined);
  if (known.length === 0) return undefined;
  return { from: Math.min(...known.map(({ from }) => from)), to: Math.max(...known.map(({ to }) => to)) };
}

/** A finder for one run; what it has read of an object it keeps for a while. */
export function createCopyFinder(archive: ArchiveReader): CopyFinder {
  const read = new Map<string, Map<string, ArchivedEvent[]>>();

  async function copiesIn(key: string): Promise<Map<string, ArchivedEvent[]>> {
    const known = read.get(key);
    if (known !== undefined) return known;
    const copies = new Map<string, ArchivedEvent[]>();
    for await (const line of linesWhileThere(archive, key)) {
      // Most lines are no copies, and to parse each would double what a replay costs.
      const archived = line.includes('"copy_of"') ? parseArchived(line) : undefined;
      if (archived?.copy_of === undefined) continue;
      const id = idOf(archived, archived.copy_of.received_at);
      copies.set(id, [...(copies.get(id) ?? []), archived]);
    }
    read.set(key, copies);
    const [oldest = key] = read.keys();
    if (read.size > OBJECTS) read.delete(oldest);
    return copies;
  }

  return {
    async completed(events) {
      const waited = events.filter((it) => it.merge_until !== undefined && !isLaterCopy(it));
      const span = wholeSpan(waited.map(spanOfCopies));
      if (span === undefined) return events;
      const found = new Map<string, ArchivedEvent[]>();
      const wanted = new Set(waited.map((it) => idOf(it, it.event.received_at)));
      for (const { key } of await archive.objects(span.from, span.to)) {
        for (const [id, copies] of await copiesIn(key)) {
          if (wanted.has(id)) found.set(id, [...(found.get(id) ?? []), ...copies]);
        }
      }
      return events.map((it) => merged(it, found.get(idOf(it, it.event.received_at)) ?? []));
    },
  };
}

function merged(archived: ArchivedEvent, found: readonly ArchivedEvent[]): CompletedEvent {
  // A crash may have archived a copy twice.
  const copies = [...new Map(found.map((copy) => [copy.copy_id, copy])).values()];
  if (copies.length === 0) return archived;
  copies.sort((a, b) => a.event.received_at - b.event.received_at);
  const others = copies.map(({ event }) => ({ kind: event.source.kind, parts: partsOf(event) }));
  const said = [archived, ...copies].map(({ consent, event, undecided = [] }) => {
    return { kind: event.source.kind, consent, undecided };
  });
  const events = [archived.event, ...copies.map(({ event }) => event)];
  const agreed = mergedConsent(said);
  const { consent, ...union } = mergedEvent(archived.event, others);
  // Whichever copy refused: into the other one the graph had filled what it knew.
  const { known } = withoutRefused({ ...union, consent: agreed.consent }, agreed.undecided);
  return { ...archived, event: { ...union, ...present({ consent, known }) }, copies: events, ...agreed };
}

function idOf({ event }: ArchivedEvent, firstReceivedAt: number): string {
  return JSON.stringify([eventKey(event), firstReceivedAt]);
}
