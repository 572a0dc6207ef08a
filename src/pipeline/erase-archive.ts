import type { ArchivedEvent } from "../core/archived-event.ts";
import { SECOND_MS } from "../core/durations.ts";
import { erasedLine } from "../core/erased-line.ts";
import { erasedUntil, erasureKeys } from "../core/erasure.ts";
import { type EventKey, eventKey } from "../core/event.ts";
import { eventPersonKeys, isPersonKey, personKey } from "../core/person-keys.ts";
import { countsByLane, type PrivacyJob } from "../core/privacy-job.ts";
import { parseArchived } from "../core/replay.ts";
import type { ArchiveObject, ArchiveReader } from "./archive-ports.ts";
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
/** Identifiers that one erasure goes by at most; nobody has as many, but a broken tag may give one person thousands. */
const MOST_KEYS = 2_000;

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
  const startedAt = clock.now();
  const objects = (await archive.objects(range.from, range.to)).filter(
    ({ key }) => job.cursor === undefined || key > job.cursor,
  );
  const person = new ErasedPerson(job);
  const counts: Record<string, number> = { archive_objects: 0, archive_events: 0, delivery: 0, identity: 0 };
  let cursor: string | undefined;
  for (const object of objects) {
    const now = clock.now();
    const isTime = now >= startedAt + PORTION_MS || now + OBJECT_TAKES_MS >= deadline;
    // One at least, so that every portion gets further.
    if (cursor !== undefined && isTime) return { counts, cursor, changes: person.changes() };
    const found = await eraseFromObject(object, person, deps);
    for (const [store, count] of Object.entries(found)) counts[store] = (counts[store] ?? 0) + count;
    cursor = object.key;
  }
  return { counts, changes: person.changes() };
}

async function eraseFromObject(
  { key }: ArchiveObject,
  person: ErasedPerson,
  deps: EraseArchiveDeps,
): Promise<Record<string, number>> {
  const counts = { archive_objects: 0, archive_events: 0, delivery: 0, identity: 0 };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const events = await theirsIn(key, person, deps);
    if (events.length === 0) return counts;
    counts.identity += await forgetPointers(events, person, deps);
    counts.delivery += await forgetEvents(events, deps);
    const isDone = await deps.archive.rewrite(key, (line) => {
      const archived = parseArchived(line);
      return archived !== undefined && person.has(archived) ? erasedLine(archived) : line;
    });
    if (!isDone) continue;
    const lanes = events.flatMap(({ decisions }) => decisions.flatMap(({ lane, send }) => (send ? [lane] : [])));
    return { ...counts, ...countsByLane(lanes), archive_objects: 1, archive_events: events.length };
  }
  throw new Error("an archive object kept changing");
}

async function theirsIn(key: string, person: ErasedPerson, { archive }: EraseArchiveDeps): Promise<ArchivedEvent[]> {
  const events: ArchivedEvent[] = [];
  try {
    for await (const line of archive.lines(key)) {
      const archived = parseArchived(line);
      if (archived !== undefined && person.has(archived)) events.push(archived);
    }
  } catch (error) {
    // Its days are over.
    if (!(error instanceof Error) || error.name !== "NoSuchKey") throw error;
  }
  return events;
}

async function forgetEvents(events: readonly ArchivedEvent[], { deliveries }: EraseArchiveDeps): Promise<number> {
  const keys = new Map<string, EventKey>();
  for (const { event } of events) {
    const key = eventKey(event);
    keys.set(JSON.stringify([key.dedup_scope, key.event_name, key.custom_name, key.event_id]), key);
  }
  const wanted = [...keys.values()];
  let forgotten = 0;
  for (let start = 0; start < wanted.length; start += TOGETHER)
    forgotten += await deliveries.forgetEvents(wanted.slice(start, start + TOGETHER));
  return forgotten;
}

/**
 * What the graph knows a person by is less than what they came by: an earlier address, a device before the last ten.
 * Where such an identifier still leads to them, it goes as well, and the events that carry it.
 */
async function forgetPointers(
  events: readonly ArchivedEvent[],
  person: ErasedPerson,
  { identities }: EraseArchiveDeps,
): Promise<number> {
  const unknown = [...new Set(events.flatMap(({ event }) => eventPersonKeys(event)))].filter(
    (key) => !person.knows(key),
  );
  const keys = unknown.filter((key) => !isPersonKey(key));
  if (keys.length === 0) return 0;
  const pointers = (await identities.readPointers(keys)).filter((pointer) => pointer !== undefined);
  const theirs = pointers.filter(({ person_id }) => person.knows(personKey(person_id)));
  // Written down before they are gone: only by them is this known.
  person.learn(theirs.map(({ key }) => key));
  const gone = await Promise.all(theirs.map((pointer) => identities.deletePointer(pointer)));
  return gone.filter(Boolean).length;
}

/** Whom an erasure is about, as far as is known by now. */
class ErasedPerson {
  readonly #keys: Set<string>;
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
  has({ event }: ArchivedEvent): boolean {
    return event.received_at <= this.#until && erasureKeys(event).some((key) => this.#keys.has(key));
  }

  learn(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.#keys.size >= MOST_KEYS) return;
      this.#keys.add(key);
      this.#hasMore = true;
    }
  }

  changes(): { person_keys?: readonly string[] } {
    return this.#hasMore ? { person_keys: [...this.#keys] } : {};
  }
}
