import { type ArchivedEvent, isLaterCopy } from "../core/archived-event.ts";
import { HOUR_MS, MINUTE_MS } from "../core/durations.ts";
import { parseArchived } from "../core/replay.ts";
import type { ArchiveReader } from "../pipeline/archive-ports.ts";
import { type StoredEvent, storedName } from "../pipeline/trace.ts";
import type { ReadBudget } from "./archive-search.ts";
import type { EventStoryView } from "./contract/event-stories.ts";

/** Enrich's clock may be behind ingest's. */
const CLOCK_SLACK_MS = 5 * MINUTE_MS;
/** Enrich usually has an event within seconds; a backlog is looked through in larger steps. */
const FIRST_WINDOW_MS = HOUR_MS;
const WINDOW_MS = 6 * HOUR_MS;
/** Lines between two looks at the clock. */
const LINES_A_LOOK = 200;

/** Whether the archive has an event, and the event. */
export interface ArchivedCopy {
  readonly archived: EventStoryView["archived"];
  readonly copy?: ArchivedEvent;
}

/** Looks for a claimed event's line in the objects of the time from when it came on. */
export async function findArchivedCopy(
  event: StoredEvent,
  budget: ReadBudget,
  archive: ArchiveReader | undefined,
  now: () => number,
): Promise<ArchivedCopy> {
  if (archive === undefined) return { archived: "off" };
  if (event.claim === undefined) return { archived: "no" };
  const start = event.claim.first_received_at - CLOCK_SLACK_MS;
  const done = new Set<string>();
  const end = now() + CLOCK_SLACK_MS;
  for (let from = start; from < end; from += from === start ? FIRST_WINDOW_MS : WINDOW_MS) {
    const to = from + (from === start ? FIRST_WINDOW_MS : WINDOW_MS);
    const objects = await archive.objects(from, to);
    for (const { key, bytes } of objects) {
      if (done.has(key)) continue;
      const isFirst = done.size === 0;
      if (!isFirst && (now() >= budget.deadline || budget.bytes <= 0)) return { archived: "unknown" };
      done.add(key);
      budget.bytes -= bytes;
      const found = await copyIn(key, event, budget, archive, now);
      if (found !== undefined) return found;
    }
    if (now() >= budget.deadline) return { archived: "unknown" };
  }
  return { archived: "no" };
}

async function copyIn(
  key: string,
  event: StoredEvent,
  { deadline }: ReadBudget,
  archive: ArchiveReader,
  now: () => number,
): Promise<ArchivedCopy | undefined> {
  // Most lines are of other events: a look for the id is much cheaper than reading each.
  const id = JSON.stringify(event.event_id);
  let lines = 0;
  for await (const line of archive.lines(key)) {
    lines += 1;
    if (lines % LINES_A_LOOK === 0 && now() >= deadline) return { archived: "unknown" };
    const copy = line.includes(id) ? parseArchived(line) : undefined;
    if (copy !== undefined && !isLaterCopy(copy) && isOf(copy, event)) return { archived: "yes", copy };
  }
  return undefined;
}

function isOf({ event }: ArchivedEvent, { event_id, dedup_scope, name }: StoredEvent): boolean {
  return event.event_id === event_id && event.source.dedup_scope === dedup_scope && storedName(event) === name;
}
