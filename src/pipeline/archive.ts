import type { ArchivedEvent } from "../core/archived-event.ts";
import { withoutKnownContacts } from "../core/contact-text.ts";
import { present } from "../core/present.ts";
import { archivedQuality } from "../core/quality-rollup.ts";
import type { EventArchive } from "./archive-ports.ts";
import type { FanOutPorts, Outgoing } from "./fan-out.ts";
import type { Duplicate } from "./later-copies.ts";
import { loggableId } from "./platform-words.ts";
import type { SendResult } from "./ports.ts";
import type { QueuedRecord } from "./queued-record.ts";

/** What archiving works with. */
export interface ArchivePorts extends Pick<FanOutPorts, "clock" | "log" | "metrics"> {
  /** Absent when the configuration turns it off. */
  readonly archive?: EventArchive;
}

/** Reasons of an archive that no retry changes. */
const NEVER_FITS = "RecordTooLarge";

/**
 * Puts every owned event into the archive, `identify` too: no lane wants one, but then "claimed" and "archived" are the
 * same events, and the accounts close without an exception. Answers the records whose event the archive did not take,
 * with its reason; there is nothing to do without an archive.
 */
export async function archiveAll(
  outgoing: readonly Outgoing[],
  duplicates: readonly Duplicate[],
  { archive, clock, log, metrics }: ArchivePorts,
): Promise<Map<QueuedRecord, string>> {
  const failed = new Map<QueuedRecord, string>();
  const later = duplicates.filter((it) => it.later?.archived !== undefined);
  if (archive === undefined || outgoing.length + later.length === 0) return failed;
  const now = clock.now();
  const all = [...lines(outgoing, now), ...laterLines(later, now)];
  const records = [...outgoing, ...later].map(({ record }) => record);
  const results = await putAll(archive, all);
  let archived = 0;
  for (const [index, record] of records.entries()) {
    const result = results[index] ?? { sent: false, reason: "no answer" };
    if (result.sent) archived += index < outgoing.length ? 1 : 0;
    // Its lanes have it: holding up its group for ever would help nobody.
    else if (result.reason === NEVER_FITS)
      log.error("event too large to archive", { event_id: loggableId(all[index]?.event.event_id ?? "") });
    else failed.set(record, `archive: ${result.reason}`);
  }
  if (archived > 0) metrics.add("EventsArchived", archived);
  return failed;
}

function lines(outgoing: readonly Outgoing[], now: number): ArchivedEvent[] {
  return outgoing.map(({ consent, copyId, event, story }) => ({
    v: 1,
    archived_at: now,
    copy_id: copyId,
    event: withoutKnownContacts(event),
    consent,
    ...present({ removed: story.removed }),
    ...(story.merge === undefined ? {} : { merge_until: story.merge.until, undecided: story.merge.undecided }),
    decisions: story.decisions.map(({ awaits, lane, quality, send }) => {
      // Without an answer nothing goes there: the line of the copy that brings it has the score.
      return { lane, send, ...present({ quality: awaits === undefined ? archivedQuality(quality) : undefined }) };
    }),
  }));
}

/** Lines of copies that add to an event: who looks for a person's data has to find them too. */
function laterLines(duplicates: readonly Duplicate[], now: number): ArchivedEvent[] {
  return duplicates.flatMap(({ later }) =>
    later?.archived === undefined ? [] : [{ v: 1 as const, archived_at: now, ...later.archived }],
  );
}

async function putAll(archive: EventArchive, events: readonly ArchivedEvent[]): Promise<SendResult[]> {
  try {
    return await archive.put(events);
  } catch (error) {
    const reason = error instanceof Error ? error.name : "put failed";
    return events.map(() => ({ sent: false, reason }));
  }
}
