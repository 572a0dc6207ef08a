import type { ArchivedEvent } from "../core/archived-event.ts";
import { SECOND_MS } from "../core/durations.ts";
import { erasedLine } from "../core/erased-line.ts";
import { erasedUntil, erasureKeys } from "../core/erasure.ts";
import { type EventKey, eventKey, eventKeyText } from "../core/event-key.ts";
import { graphIdentifiers } from "../core/identity-identifiers.ts";
import { eventPersonKeys, isPersonKey, personKey } from "../core/person-keys.ts";
import { countsByLane, type PrivacyJob } from "../core/privacy-job.ts";
import { parseArchived } from "../core/replay.ts";
import type { ArchiveReader } from "./archive-ports.ts";
import { linesWhileThere } from "./archived-lines.ts";
import type { IdentityStore } from "./identity.ts";
import type { ErasableIdentityStore } from "./identity-edit.ts";
import type { Clock } from "./ports.ts";
import type { PrivacyPortion } from "./privacy-jobs.ts";
import type { ArchiveEraser, ForgettableDeliveries } from "./privacy-ports.ts";

/** What an erasure needs to go through the archive, and through what its events left elsewhere. */
export interface EraseArchiveDeps {
  readonly archive: ArchiveReader & ArchiveEraser;
  readonly deliveries: Pick<ForgettableDeliveries, "forgetEvents">;
  readonly identities: Pick<IdentityStore, "readPointers"> & Pick<ErasableIdentityStore, "deletePointer">;
  readonly clock: Pick<Clock, "now">;
}

/** A portion ends with the object after this, so that the place is written down every now and then, ms. */
const PORTION_MS = 15 * SECOND_MS;
/** Another object is begun only with this much time left: the largest takes some seconds to read and write again, ms. */
const OBJECT_TAKES_MS = 10 * SECOND_MS;
/** Events whose claims and receipts are looked up together. */
const TOGETHER = 50;
/** Times that an object is looked at again which another erasure keeps rewriting. */
const MAX_ROUNDS = 5;
/** Identifiers that one erasure goes by at most; nobody has as many, but a broken tag may give one person any number. */
const MOST_KEYS = 50_000;

/** Where a portion begins: behind one object or, with lines of it that the tables are done with, amid it. */
interface Place {
  readonly key: string;
  readonly lines?: number;
}

/** An event of the person, as much of it as leads to what is kept of it elsewhere. */
interface FoundEvent {
  readonly line: number;
  readonly key: EventKey;
  /** The key as text. */
  readonly action: string;
  readonly personKeys: readonly string[];
  /** Lanes that it was meant for. */
  readonly lanes: readonly string[];
}

/**
 * Goes through the objects of a time, from the job's cursor on, and leaves none of the person's events in them. Tables
 * come before the object: the archive is how their events are found, and a crash in between has to find them again.
 */
export async function eraseFromArchive(
  job: PrivacyJob,
  range: { readonly from: number; readonly to: number },
  deadline: number,
  deps: EraseArchiveDeps,
): Promise<PrivacyPortion> {
  const { archive, clock } = deps;
  const endsAt = Math.min(clock.now() + PORTION_MS, deadline - OBJECT_TAKES_MS);
  const place = placeOf(job.cursor);
  const objects = (await archive.objects(range.from, range.to)).filter(
    ({ key }) => key > place.key || (key === place.key && place.lines !== undefined),
  );
  const person = new ErasedPerson(job);
  const counts: Record<string, number> = { archive_objects: 0, archive_events: 0, delivery: 0, identity: 0 };
  let cursor: string | undefined;
  for (const { key } of objects) {
    // One at least, so that every portion gets further.
    if (cursor !== undefined && clock.now() >= endsAt) return { counts, cursor, changes: person.changes() };
    const from = key === place.key ? (place.lines ?? 0) : 0;
    const { lines, ...found } = await eraseFromObject({ key, from, endsAt }, person, deps);
    for (const [store, count] of Object.entries(found)) counts[store] = (counts[store] ?? 0) + count;
    cursor = lines === undefined ? key : `${key}\t${lines}`;
    if (lines !== undefined) return { counts, cursor, changes: person.changes() };
  }
  return { counts, changes: person.changes() };
}

function placeOf(cursor = ""): Place {
  const [key = "", lines] = cursor.split("\t");
  return lines === undefined ? { key } : { key, lines: Number(lines) };
}

/** Answers what it came to, and the lines that the tables are done with where the time was over before all were. */
async function eraseFromObject(
  { key, from, endsAt }: { readonly key: string; readonly from: number; readonly endsAt: number },
  person: ErasedPerson,
  deps: EraseArchiveDeps,
): Promise<Record<string, number> & { lines?: number }> {
  const counts = { archive_objects: 0, archive_events: 0, delivery: 0, identity: 0 };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { events, pointers } = await findAll(key, person, deps);
    counts.identity += pointers;
    if (events.length === 0) return counts;
    const left = events.filter(({ line }) => line >= from);
    for (let start = 0; start < left.length; start += TOGETHER) {
      const first = left[start];
      if (start > 0 && first !== undefined && deps.clock.now() >= endsAt) return { ...counts, lines: first.line };
      counts.delivery += await forgetEvents(left.slice(start, start + TOGETHER), deps);
    }
    const isDone = await deps.archive.rewrite(key, (line) => {
      const archived = parseArchived(line);
      return archived !== undefined && person.has(archived) ? erasedLine(archived) : line;
    });
    if (!isDone) continue;
    const lanes = countsByLane(events.flatMap((event) => event.lanes));
    return { ...counts, ...lanes, archive_objects: 1, archive_events: events.length };
  }
  throw new Error("an archive object kept changing");
}

/** The person's events in an object, those also that are found by what the others tell of the person. */
async function findAll(
  key: string,
  person: ErasedPerson,
  deps: EraseArchiveDeps,
): Promise<{ events: FoundEvent[]; pointers: number }> {
  let pointers = 0;
  for (;;) {
    const events = await theirsIn(key, person, deps);
    const forgotten = await forgetPointers(events, person, deps);
    pointers += forgotten.pointers;
    if (!forgotten.isLearned) return { events, pointers };
  }
}

async function theirsIn(key: string, person: ErasedPerson, { archive }: EraseArchiveDeps): Promise<FoundEvent[]> {
  const events: FoundEvent[] = [];
  /** Copies that name nobody: theirs where another copy of the same action is. */
  const unnamed: { readonly found: FoundEvent; readonly archived: ArchivedEvent }[] = [];
  let line = 0;
  for await (const text of linesWhileThere(archive, key)) {
    const archived = parseArchived(text);
    if (archived !== undefined) {
      if (person.has(archived)) {
        person.learnAction(archived);
        events.push(foundEvent(archived, line));
      } else if (isUnnamedCopy(archived)) unnamed.push({ found: foundEvent(archived, line), archived });
    }
    line += 1;
  }
  const copies = unnamed.filter(({ archived }) => person.has(archived)).map(({ found }) => found);
  return [...events, ...copies].sort((a, b) => a.line - b.line);
}

function foundEvent({ decisions, event }: ArchivedEvent, line: number): FoundEvent {
  const lanes = decisions.flatMap(({ lane, send }) => (send ? [lane] : []));
  const key = eventKey(event);
  return { line, key, action: eventKeyText(key), personKeys: eventPersonKeys(event), lanes };
}

/** A browser's copy, mostly: the server's has the account and the contacts. */
function isUnnamedCopy({ copy_of, event, merge_until }: ArchivedEvent): boolean {
  const hasCopies = copy_of !== undefined || merge_until !== undefined;
  return hasCopies && graphIdentifiers(event).every(({ strong }) => !strong);
}

async function forgetEvents(events: readonly FoundEvent[], { deliveries }: EraseArchiveDeps): Promise<number> {
  return deliveries.forgetEvents([...new Map(events.map(({ action, key }) => [action, key])).values()]);
}

/**
 * What the graph knows a person by is less than what they came by: an earlier address, a device before the last ten.
 * Where such an identifier still leads to them, it goes as well, and the events that carry it.
 */
async function forgetPointers(
  events: readonly FoundEvent[],
  person: ErasedPerson,
  { identities }: EraseArchiveDeps,
): Promise<{ pointers: number; isLearned: boolean }> {
  const keys = [...new Set(events.flatMap(({ personKeys }) => personKeys))].filter(
    (key) => !person.knows(key) && !isPersonKey(key),
  );
  if (keys.length === 0) return { pointers: 0, isLearned: false };
  const pointers = (await identities.readPointers(keys)).filter((pointer) => pointer !== undefined);
  const theirs = pointers.filter(({ person_id }) => person.knows(personKey(person_id)));
  const isLearned = person.learn(theirs.map(({ key }) => key));
  const gone = await Promise.all(theirs.map((pointer) => identities.deletePointer(pointer)));
  return { pointers: gone.filter(Boolean).length, isLearned };
}

/** Whom an erasure is about, as far as is known by now. */
class ErasedPerson {
  readonly #keys: Set<string>;
  readonly #actions = new Set<string>();
  readonly #until: number;
  #hasMore = false;

  constructor(job: PrivacyJob) {
    this.#keys = new Set(job.person_keys);
    this.#until = erasedUntil(job);
  }

  knows(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Whether an event is theirs and of before. */
  has(archived: ArchivedEvent): boolean {
    const { event } = archived;
    if (event.received_at > this.#until) return false;
    const isTheirs = erasureKeys(event).some((key) => this.#keys.has(key));
    return isTheirs || (isUnnamedCopy(archived) && this.#actions.has(eventKeyText(eventKey(archived.event))));
  }

  /** A copy of it was theirs. */
  learnAction(archived: ArchivedEvent): void {
    this.#actions.add(eventKeyText(eventKey(archived.event)));
  }

  /** Answers whether one of them was new. */
  learn(keys: readonly string[]): boolean {
    const before = this.#keys.size;
    for (const key of keys) if (this.#keys.size < MOST_KEYS) this.#keys.add(key);
    this.#hasMore ||= this.#keys.size > before;
    return this.#keys.size > before;
  }

  changes(): { person_keys?: readonly string[] } {
    return this.#hasMore ? { person_keys: [...this.#keys] } : {};
  }
}
