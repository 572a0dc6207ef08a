import type { ArchivedEvent } from "../core/archived-event.ts";
import { SECOND_MS } from "../core/durations.ts";
import { type EventKey, eventKey, eventKeyText } from "../core/event-key.ts";
import { eventPersonKeys, isPersonKey, personKey } from "../core/person-keys.ts";
import { countsByLane, type PrivacyJob } from "../core/privacy-job.ts";
import { parseArchived } from "../core/replay.ts";
import type { ArchiveReader } from "./archive-ports.ts";
import { spanOfCopies, wholeSpan } from "./archived-copies.ts";
import { linesWhileThere } from "./archived-lines.ts";
import { eraseCopiesAround, eraseLines } from "./erase-copies.ts";
import { ErasedPerson, isUnnamedCopy } from "./erased-person.ts";
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
/** Behind every line that an object can have. */
const ALL_LINES = Number.MAX_SAFE_INTEGER;
/** Times that an object is looked at again which another erasure keeps rewriting. */
const MAX_ROUNDS = 5;
/** Where a portion begins: behind one object or, with what of it is done, amid it. */
interface Place extends Partial<Done> {
  readonly key: string;
}

/** What of an object is done before the object itself: lines in the tables, and objects around it up to this one. */
interface Done {
  readonly lines: number;
  readonly around: string;
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
  /** When other copies of it were archived. */
  readonly copies: ReturnType<typeof spanOfCopies>;
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
    const { lines = 0, around = "" } = key === place.key ? place : {};
    const { left, ...found } = await eraseFromObject({ key, done: { lines, around }, endsAt }, person, deps);
    for (const [store, count] of Object.entries(found.counts)) counts[store] = (counts[store] ?? 0) + count;
    cursor = left === undefined ? key : `${key}\t${left.lines}\t${left.around}`;
    if (left !== undefined) return { counts, cursor, changes: person.changes() };
  }
  return { counts, changes: person.changes() };
}

function placeOf(cursor = ""): Place {
  const [key = "", lines, around = ""] = cursor.split("\t");
  return lines === undefined ? { key } : { key, lines: Number(lines), around };
}

/** Answers what it came to, and what is done by now where the time was over before all was. */
async function eraseFromObject(
  { key, done, endsAt }: { readonly key: string; readonly done: Done; readonly endsAt: number },
  person: ErasedPerson,
  deps: EraseArchiveDeps,
): Promise<{ readonly counts: Record<string, number>; readonly left?: Done }> {
  const counts = { archive_objects: 0, archive_events: 0, delivery: 0, identity: 0 };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { events, pointers } = await findAll(key, person, deps);
    counts.identity += pointers;
    if (events.length === 0) return { counts };
    const rest = events.filter(({ line }) => line >= done.lines);
    for (let start = 0; start < rest.length; start += TOGETHER) {
      const first = rest[start];
      if (start > 0 && first !== undefined && deps.clock.now() >= endsAt)
        return { counts, left: { lines: first.line, around: "" } };
      counts.delivery += await forgetEvents(rest.slice(start, start + TOGETHER), deps);
    }
    // Before the object itself: it is what tells of the others.
    const span = wholeSpan(events.map(({ copies }) => copies));
    const copies = await eraseCopiesAround({ key, span, done: done.around, endsAt }, person, deps);
    counts.archive_objects += copies.objects;
    counts.archive_events += copies.events;
    if (copies.left !== undefined) return { counts, left: { lines: ALL_LINES, around: copies.left } };
    if (!(await eraseLines(key, (archived) => person.has(archived), deps.archive))) continue;
    counts.archive_objects += 1;
    counts.archive_events += events.length;
    return { counts: { ...counts, ...countsByLane(events.flatMap((event) => event.lanes)) } };
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

function foundEvent(archived: ArchivedEvent, line: number): FoundEvent {
  const { decisions, event } = archived;
  const lanes = decisions.flatMap(({ lane, send }) => (send ? [lane] : []));
  const key = eventKey(event);
  return {
    line,
    key,
    action: eventKeyText(key),
    personKeys: eventPersonKeys(event),
    lanes,
    copies: spanOfCopies(archived),
  };
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
