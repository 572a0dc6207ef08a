import { type ArchivedEvent, archivedLineId } from "../core/archived-event.ts";
import { HOUR_MS } from "../core/durations.ts";
import { parseErased } from "../core/erased-line.ts";
import { eventKey } from "../core/event-key.ts";
import { graphIdentifiers } from "../core/identity-identifiers.ts";
import { eventPersonKeys } from "../core/person-keys.ts";
import { isOfPerson } from "../core/person-ownership.ts";
import { present } from "../core/present.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { parseArchived } from "../core/replay.ts";
import { shownStory } from "../core/shown-story.ts";
import type { ArchiveObject } from "./archive-ports.ts";
import { linesOf } from "./archived-lines.ts";
import type { ExportDeps, ExportFind } from "./export.ts";
import { searchedFrom } from "./export-limits.ts";
import { type ExportedPerson, readLeads } from "./exported-person.ts";
import type { StoredEvent } from "./trace.ts";

/** Text that is gathered before it is written down: what is lost with a worker is read again. */
const PORTION_BYTES = 1_000_000;
/** Events whose owner is found out together. */
const BATCH = 100;
/** Lines between two looks at the clock. */
const LINES_A_LOOK = 200;

/** The object that it is in, how many of its lines are done, and the time from which such objects are listed. */
interface EventsPlace {
  readonly object: string;
  readonly line: number;
  readonly from: number;
}

/** One event of the document: its line of the archive, and what the delivery table has of it. */
interface ExportedEvent {
  readonly archived: ArchivedEvent;
  readonly stored?: object;
}

/** Walks the archive from where it was, until a part is full, time is over, or everything is read. */
export async function exportEvents(
  person: ExportedPerson,
  { at, deadline, job }: { readonly at: string | undefined; readonly deadline: number; readonly job: PrivacyJob },
  deps: ExportDeps,
): Promise<ExportFind> {
  const start = at === undefined ? undefined : (JSON.parse(at) as EventsPlace);
  const collected = new Collected(person, deps);
  let unreadable = 0;
  for (const object of await objectsFrom(start, job, deps)) {
    let line = 0;
    const skip = start?.object === object.key ? start.line : 0;
    for await (const text of linesOf(object, deps)) {
      line += 1;
      if (line <= skip) continue;
      const archived = parseArchived(text);
      if (archived === undefined) unreadable += parseErased(text) === undefined ? 1 : 0;
      else if (archived.event.received_at <= job.created_at) await collected.consider(archived, text.length);
      const isTime = line % LINES_A_LOOK === 0 && deps.clock.now() >= deadline;
      if (!isTime && collected.bytes < PORTION_BYTES) continue;
      const place: EventsPlace = { object: object.key, line, from: object.from };
      return { parts: [await collected.part()], unreadable, next: JSON.stringify(place) };
    }
    // Between objects the place is the end of this one: the next portion skips all of its lines without judging them.
    if (deps.clock.now() < deadline) continue;
    const place: EventsPlace = { object: object.key, line, from: object.from };
    return { parts: [await collected.part()], unreadable, next: JSON.stringify(place) };
  }
  return { parts: [await collected.part()], unreadable };
}

/**
 * Events of the person among those considered, each once: a crash may have put one into the archive twice, mostly into
 * objects of one portion. Whoever puts the parts together drops what is left of that.
 */
class Collected {
  readonly #person: ExportedPerson;
  readonly #deps: ExportDeps;
  #candidates: ArchivedEvent[] = [];
  #waiting = 0;
  readonly #seen = new Set<string>();
  readonly #items: ExportedEvent[] = [];
  bytes = 0;

  constructor(person: ExportedPerson, deps: ExportDeps) {
    this.#person = person;
    this.#deps = deps;
  }

  async consider(archived: ArchivedEvent, length: number): Promise<void> {
    if (!eventPersonKeys(archived.event).some((key) => this.#person.keys.has(key))) return;
    const id = archivedLineId(archived);
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#candidates.push(archived);
    this.#waiting += length;
    if (this.#candidates.length >= BATCH || this.#waiting >= PORTION_BYTES) await this.#judge();
  }

  async part(): Promise<{ readonly section: "events"; readonly items: readonly ExportedEvent[] }> {
    await this.#judge();
    return { section: "events", items: this.#items };
  }

  async #judge(): Promise<void> {
    const candidates = this.#candidates;
    this.#candidates = [];
    this.#waiting = 0;
    if (candidates.length === 0) return;
    const keys = candidates.flatMap(({ event }) => graphIdentifiers(event).map(({ key }) => key));
    const view = await readLeads(keys, this.#person, this.#deps);
    const own = candidates.filter(({ event }) => isOfPerson(event, view));
    const wanted = own.map(({ decisions, event }) => ({
      key: eventKey(event),
      lanes: [...new Set([...this.#deps.lanes, ...decisions.map(({ lane }) => lane)])],
    }));
    const stored = own.length === 0 ? [] : await this.#deps.reads.readEvents(wanted);
    for (const [index, archived] of own.entries()) {
      const found = stored[index];
      const item = found === undefined ? { archived } : { archived, stored: shown(found) };
      this.#items.push(item);
      this.bytes += Buffer.byteLength(JSON.stringify(item));
    }
  }
}

function shown({ claim, ...stored }: StoredEvent): StoredEvent {
  return { ...stored, ...present({ claim: claim && { ...claim, story: shownStory(claim.story) } }) };
}

/** In the order of their names, by which the place goes. */
async function objectsFrom(
  start: EventsPlace | undefined,
  job: PrivacyJob,
  { archive, archiveDays, settleMs }: ExportDeps,
): Promise<ArchiveObject[]> {
  const from = start === undefined ? searchedFrom(job, { archiveDays }) : start.from - HOUR_MS;
  const objects = await archive.objects(from, job.created_at + settleMs);
  const rest = start === undefined ? objects : objects.filter(({ key }) => key >= start.object);
  return rest.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
