import { type ArchivedEvent, isLaterCopy } from "../core/archived-event.ts";
import { eventKey } from "../core/event-key.ts";
import { eventPersonKeys } from "../core/person-keys.ts";
import { type StoredEvent, storedName } from "../pipeline/trace.ts";
import { SEARCH_POSITION, type SearchPosition, type SearchResult, searchArchive } from "./archive-search.ts";
import type { EventPage, EventRow } from "./contract/events.ts";
import { invalidCursor, readCursor, writeCursor } from "./cursor.ts";
import { CLOCK_SLACK_MS, type EventFilter, type EventPorts, fits, lanesOf, spanOf } from "./event-filter.ts";
import { archivedRow } from "./event-rows.ts";
import { findPeople } from "./people.ts";
import { OpsRefusal } from "./route.ts";

/** The gateway gives up after 30 seconds; people do earlier. */
const SEARCH_MS = 8_000;
/** Compressed; some seconds of unpacking and parsing for the function's share of a core. */
const SEARCH_BYTES = 24_000_000;
/** Firehose may take this much longer than its buffer interval. */
const ARCHIVE_SLACK_SECONDS = 60;

/** Events that only a search of the archive finds, with their states from the table. Goes on where the cursor says. */
export async function eventsFromArchive(filter: EventFilter, ports: EventPorts): Promise<EventPage> {
  const { archive, clock, config } = ports;
  if (archive === undefined || config.archive === undefined) {
    const todo = "turn on `archive` in the configuration; events from then on are found";
    throw new OpsRefusal(409, "archive_off", "there is no archive to search: events are found by id and order", todo);
  }
  const { from, to } = spanOf(filter, ports, config.archive.days);
  const keys = filter.person === undefined ? undefined : (await findPeople(filter.person, ports)).keys;
  const matches = (archived: ArchivedEvent) => isOfInterest(archived, filter, keys);
  const budget = { deadline: clock.now() + SEARCH_MS, bytes: SEARCH_BYTES };
  const isOver = () => clock.now() >= budget.deadline || budget.bytes <= 0;
  const rows = new Map<string, EventRow>();
  let unreadable = 0;
  let result: SearchResult;
  let position = startOf(filter.cursor, to);
  do {
    const search = { from, position, limit: filter.limit - rows.size, matches };
    result = await searchArchive(search, budget, archive, clock.now);
    for (const row of await withStates(result.found, filter, ports)) rows.set(rowId(row), row);
    unreadable += result.unreadable;
    position = result.position ?? position;
  } while (result.position !== undefined && rows.size < filter.limit && !isOver());
  return {
    items: [...rows.values()],
    ...(result.position === undefined ? {} : { next: writeCursor(result.position) }),
    searched_to: result.searchedTo,
    archive_lag_seconds: config.archive.bufferSeconds + ARCHIVE_SLACK_SECONDS,
    ...(unreadable === 0 ? {} : { unreadable }),
  };
}

function startOf(cursor: string | undefined, to: number): SearchPosition {
  const position = readCursor(cursor, SEARCH_POSITION) ?? { to, end: to };
  // From a later time on it would list windows in which nothing can be. The clock that gave it may have been ahead.
  if (position.to > to + CLOCK_SLACK_MS || position.end > position.to) throw invalidCursor();
  return position;
}

/** Rows of archived events; those stay whose state is the one asked for. */
async function withStates(
  found: readonly ArchivedEvent[],
  filter: EventFilter,
  ports: EventPorts,
): Promise<EventRow[]> {
  if (found.length === 0) return [];
  const lanes = lanesOf(filter, ports);
  const stored = await ports.lookups.readEvents(found.map(({ event }) => ({ key: eventKey(event), lanes })));
  const nothing: StoredEvent = { dedup_scope: "", event_id: "", name: "", records: [] };
  const rows = found.map((archived, index) => archivedRow(archived, stored[index] ?? nothing));
  return rows.filter((row) => fits(row, filter));
}

/** The same for both lines of an event in two copies. */
function rowId({ dedup_scope, event_id, name, received_at }: EventRow): string {
  return JSON.stringify([dedup_scope, event_id, name, received_at]);
}

/**
 * What can be told from the archive alone. Not the state at a destination: a replay may have sent what enrich did not.
 * A later copy is no event of its own, but what it names its person by may be all that leads to the event.
 */
function isOfInterest(
  archived: ArchivedEvent,
  { source, name }: EventFilter,
  keys: ReadonlySet<string> | undefined,
): boolean {
  const { event } = archived;
  if (isLaterCopy(archived)) return keys !== undefined && eventPersonKeys(event).some((key) => keys.has(key));
  if (source !== undefined && event.source.id !== source) return false;
  if (name !== undefined && storedName(eventKey(event)) !== name) return false;
  return keys === undefined || eventPersonKeys(event).some((key) => keys.has(key));
}
