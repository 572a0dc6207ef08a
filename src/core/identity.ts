import type { BrowserId } from "./browser-ids.ts";
import type { ClickId } from "./click-ids.ts";
import type { ConsentMemory } from "./consent-memory.ts";
import type { CanonicalEvent, HashVariant, SeenClickId } from "./event.ts";
import { type GraphIdentifier, personalHashes, shortDigest } from "./identity-identifiers.ts";
import { canJoin, type Facts, factsOf, learnFacts, mergePersons } from "./person-facts.ts";

/** What is known of one person. Hash variants and opaque ids only; a user id that is an e-mail address is not kept. */
export interface Person {
  readonly id: string;
  /** Version of the stored item; 0 means not stored yet. */
  readonly version: number;
  /** `received_at` of the first event, epoch ms: of two persons that turn out to be one, the older keeps its id. */
  readonly created_at: number;
  readonly expires_at: number;
  /** By dedup scope: digest of the user id, and the id itself unless it is an e-mail address. */
  readonly users: Readonly<Record<string, { readonly key: string; readonly id?: string }>>;
  readonly hashes: Readonly<Partial<Record<HashVariant, string>>>;
  /** Digests that a sender made, under a rule we do not know: what tells two people at one device apart. */
  readonly digests: { readonly email?: string; readonly phone?: string };
  /** Oldest first, at most `MAX_ANONYMOUS_IDS`. */
  readonly anonymous_ids: readonly string[];
  readonly browser_ids: Readonly<Partial<Record<BrowserId, string>>>;
  readonly click_ids: Readonly<Partial<Record<ClickId, SeenClickId>>>;
  /** What the person said of consent, so that the server's copy of an event knows what the browser's was told. */
  readonly answers: ConsentMemory;
  /** Persons that turned out to be this one. */
  readonly merges: number;
  /** Set on a person that turned out to be an older one: look there. */
  readonly merged_into?: string;
}

/** Where one identifier leads. */
export interface Pointer {
  readonly key: string;
  readonly person_id: string;
  /** Other persons it was seen with and could not join or had to leave. */
  readonly seen_with: readonly string[];
  readonly expires_at: number;
}

/** The part of the graph that one event touches, read beforehand. */
export interface GraphView {
  pointer(key: string): Pointer | undefined;
  /** The person with this id, or the one it was merged into. */
  person(id: string): Person | undefined;
}

/** What one event did to the graph, to be written in this order: person, merged persons, pointers. */
export interface Lesson {
  /** Undefined when the event has nothing to find or make a person by. */
  readonly person?: Person;
  readonly personChanged: boolean;
  readonly merged: readonly Person[];
  readonly pointers: readonly { readonly pointer: Pointer; readonly was: Pointer | undefined }[];
  /** Words for the story. */
  readonly learned: readonly string[];
}

/** An identifier seen with this many other persons joins nobody any more: a shared inbox, a kiosk, a broken tag. */
export const MAX_PERSONS_PER_IDENTIFIER = 10;

/** Id of the person that starts with this identifier. Derived, so that two λs that meet one newcomer write one item. */
export function personIdFor(key: string): string {
  return shortDigest(`person\u0000${key}`);
}

/**
 * Finds the person of an event and what the event teaches. Strong identifiers (user id, e-mail, phone) join two
 * persons unless their user ids differ; weak ones (anonymous and browser ids) join only persons that contradict each
 * other in nothing, and follow the person last seen with them. See `docs/decisions/0003-identity-first-version.md`.
 */
export function learnFromEvent(
  event: CanonicalEvent,
  identifiers: readonly GraphIdentifier[],
  view: GraphView,
  retentionMs: number,
): Lesson {
  const usable = identifiers.filter(({ key }) => !isBlocked(view.pointer(key)));
  const [first] = usable;
  if (first === undefined) return { personChanged: false, merged: [], pointers: [], learned: [] };

  const facts = factsOf(event, personalHashes(event));
  const joined = joinPersons(usable, facts, view);
  const base = joined.person ?? newcomer(event, first, view);
  const { person: taught, learned } = learnFacts(base, facts);
  const expiry = { now: event.received_at, retentionMs };
  const person =
    isStale(base.expires_at, expiry) || learned.length > 0 || joined.merged.length > 0
      ? { ...taught, expires_at: event.received_at + retentionMs }
      : taught;
  const alias = new Set([person.id, ...joined.merged.map(({ id }) => id)]);
  const pointers = usable.flatMap((identifier) => repoint(identifier, person.id, alias, view, expiry));
  const merged = joined.merged.map((loser) => ({ ...loser, merged_into: person.id }));
  return {
    person,
    personChanged: person !== base || base.version === 0 || merged.length > 0,
    merged,
    pointers,
    learned: [...learned, ...(merged.length > 0 ? ["merge"] : [])],
  };
}

/** Joins the persons that the identifiers lead to, strongest first; who contradicts is left alone. */
function joinPersons(
  identifiers: readonly GraphIdentifier[],
  facts: Facts,
  view: GraphView,
): { person?: Person; merged: Person[] } {
  let person: Person | undefined;
  const merged: Person[] = [];
  for (const { key, strong } of identifiers) {
    const pointer = view.pointer(key);
    const candidate = pointer && view.person(pointer.person_id);
    if (candidate === undefined || candidate.id === person?.id) continue;
    if (merged.some(({ id }) => id === candidate.id) || !canJoin(candidate, facts, strong)) continue;
    if (person === undefined) {
      person = candidate;
    } else if (canJoin(candidate, person, strong)) {
      const union = mergePersons(person, candidate);
      if (union === undefined) continue;
      merged.push(union.loser);
      person = union.winner;
    }
  }
  return person === undefined ? { merged } : { person, merged };
}

function newcomer(event: CanonicalEvent, first: GraphIdentifier, view: GraphView): Person {
  const id = personIdFor(first.key);
  // A crash after the person was written and before its pointers leaves a person nobody points to: take it up again.
  return (
    view.person(id) ?? {
      id,
      version: 0,
      created_at: event.received_at,
      expires_at: 0,
      users: {},
      hashes: {},
      digests: {},
      anonymous_ids: [],
      browser_ids: {},
      click_ids: {},
      answers: {},
      merges: 0,
    }
  );
}

function repoint(
  { key, strong }: GraphIdentifier,
  personId: string,
  alias: ReadonlySet<string>,
  view: GraphView,
  expiry: Expiry,
): { pointer: Pointer; was: Pointer | undefined }[] {
  const was = view.pointer(key);
  const expires_at = expiry.now + expiry.retentionMs;
  if (was === undefined) return [{ pointer: { key, person_id: personId, seen_with: [], expires_at }, was }];
  // A pointer to a person that is gone (expired) is as good as none.
  const root = view.person(was.person_id)?.id ?? personId;
  if (alias.has(root)) {
    if (was.person_id === personId && !isStale(was.expires_at, expiry)) return [];
    return [{ pointer: { ...was, person_id: personId, expires_at }, was }];
  }
  const other = strong ? personId : root;
  const seen_with = was.seen_with.includes(other) ? was.seen_with : [...was.seen_with, other];
  if (strong && seen_with === was.seen_with) return [];
  return [{ pointer: { key, person_id: strong ? was.person_id : personId, seen_with, expires_at }, was }];
}

function isBlocked(pointer: Pointer | undefined): boolean {
  return pointer !== undefined && pointer.seen_with.length >= MAX_PERSONS_PER_IDENTIFIER;
}

interface Expiry {
  readonly now: number;
  readonly retentionMs: number;
}

/** Past half of its life: rewritten when seen, so that who keeps coming back is kept, at few writes. */
function isStale(expiresAt: number, { now, retentionMs }: Expiry): boolean {
  return expiresAt < now + retentionMs / 2;
}
