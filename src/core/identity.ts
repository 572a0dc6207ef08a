import type { BrowserId } from "./browser-ids.ts";
import type { CampaignConsent, CampaignTouches } from "./campaign-touches.ts";
import type { ClickId } from "./click-ids.ts";
import { type ConsentMemory, mergeAnswers, unansweredBy } from "./consent-memory.ts";
import { DAY_MS } from "./durations.ts";
import type { CanonicalEvent, HashVariant, SeenClickId } from "./event.ts";
import type { Contact } from "./hashing.ts";
import { clickIdentifiers, type GraphIdentifier } from "./identity-identifiers.ts";
import { joinPersons } from "./join-persons.ts";
import { type Facts, factsOf, learnFacts, NO_FACTS } from "./person-facts.ts";
import { canJoin, type MergeRecord } from "./person-merge.ts";
import { type Expiry, isStale, markSuspect, type PointerWrite, repoint, type Sighting } from "./pointer-writes.ts";
import { shortDigest } from "./scoped-digest.ts";
import type { ContactVault } from "./sealed-contacts.ts";
import { besideOf, suspicionOf } from "./suspect-identifiers.ts";
import { refusesStorage, withheldIdentifiers } from "./withheld-identifiers.ts";

/** What is known of one person: hash variants, opaque ids, sealed texts. A user id that is an e-mail address is not kept. */
export interface Person {
  readonly id: string;
  /** Version of the stored item; 0 means not stored yet. */
  readonly version: number;
  /** `received_at` of the first event, epoch ms: of two persons that turn out to be one, the older keeps its id. */
  readonly created_at: number;
  readonly expires_at: number;
  /** By identity scope: digest of scope and user id, and the id itself unless it is an e-mail address. */
  readonly users: Readonly<Record<string, { readonly key: string; readonly id?: string }>>;
  readonly hashes: Readonly<Partial<Record<HashVariant, string>>>;
  /** E-mail and phone in clear, sealed, of the very address that `hashes` are of; where no lane needs them there are none. */
  readonly contacts: Readonly<Partial<Record<Contact, string>>>;
  /** Digests that a sender made, under a rule we do not know: what tells two people at one device apart. */
  readonly digests: { readonly email?: string; readonly phone?: string };
  /** Oldest first, at most `MAX_ANONYMOUS_IDS`. */
  readonly anonymous_ids: readonly string[];
  readonly browser_ids: Readonly<Partial<Record<BrowserId, string>>>;
  readonly click_ids: Readonly<Partial<Record<ClickId, SeenClickId>>>;
  /** What the person said of consent, so that the server's copy of an event knows what the browser's was told. */
  readonly answers: ConsentMemory;
  readonly touches: CampaignTouches;
  /** Named persons that turned out to be this one. */
  readonly merges: number;
  /** The newest merges with their causes. */
  readonly merge_records: readonly MergeRecord[];
  /** Persons that are never to be joined with this one again. */
  readonly apart: readonly string[];
  /** Set on a person that turned out to be an older one: look there. */
  readonly merged_into?: string;
}

/** Where one identifier leads. */
export interface Pointer {
  readonly key: string;
  readonly person_id: string;
  /** Other persons it was seen with and could not join or had to leave. */
  readonly seen_with: readonly string[];
  /** Beginnings of the digests of contacts of another kind that it was seen with; see `besideOf`. */
  readonly beside: readonly string[];
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
  /** Others that changed: persons that were merged into this one, or that the event's refusal was also noted for. */
  readonly merged: readonly Person[];
  readonly pointers: readonly { readonly pointer: Pointer; readonly was: Pointer | undefined }[];
  /** Words for the story. */
  readonly learned: readonly string[];
  /** Set when no identifier but a click led to the person. */
  readonly foundBy?: "click";
  /** Set when the event names the person itself, by what is not suspect: no device's id or click alone led there. */
  readonly isNamed?: true;
}

/** What another copy of the same action adds to what an event teaches. */
interface CopyLesson {
  /** Whom that copy names, taken as if the strongest identifier had led there. */
  readonly person?: Person;
  readonly answers: ConsentMemory;
}

/** What decides what is learned. */
export interface LearningRules {
  /** How long people, and what led them here, are kept after they were last seen. */
  readonly retentionMs: number;
  /** False: Global Privacy Control refuses nothing. */
  readonly honourGpc?: boolean;
  /** Absent: campaigns are neither learned nor given. */
  readonly keepsCampaigns?: CampaignConsent;
  /** Absent: contacts are neither kept nor given in clear. */
  readonly contacts?: ContactVault;
}

/** How long a click leads to its person, ms: as long as most platforms attribute to one. */
const CLICK_KEPT_MS = 90 * DAY_MS;

/** Id of the person that starts with this identifier. Derived, so that two λs that meet one newcomer write one item. */
export function personIdFor(key: string): string {
  return shortDigest(`person\u0000${key}`);
}

/**
 * Finds the person of an event and what the event teaches. Strong identifiers (user id, e-mail, phone) join two
 * persons unless their user ids differ; weak ones (anonymous and browser ids) join no two named persons, and follow the
 * person last seen with them. See `docs/decisions/0010-identity-rules.md`.
 */
export function learnFromEvent(
  event: CanonicalEvent,
  identifiers: readonly GraphIdentifier[],
  view: GraphView,
  rules: LearningRules,
  copy?: CopyLesson,
): Lesson {
  const { retentionMs, keepsCampaigns } = rules;
  const expiry = { now: event.received_at, retentionMs };
  const clickRetentionMs = Math.min(retentionMs, CLICK_KEPT_MS);
  const sighted = identifiers.map((identifier) => sighting(identifier, identifiers, view));
  const usable = sighted.filter(({ suspicion }) => suspicion === undefined);
  const turned = sighted.flatMap((it) => (it.suspicion === undefined ? [] : markSuspect(it, view, expiry)));
  const clicks = clickIdentifiers(event).map((click) => sighting(click, [], view));
  const leading = clicks.filter(({ suspicion }) => suspicion === undefined);
  const [first] = usable;
  const nothing = { personChanged: false, merged: [], pointers: turned, learned: [] };

  const stated = sighted.filter(({ suspicion = "several_accounts" }) => suspicion === "several_accounts");
  const own = factsOf(event, new Set(stated.map(({ kind }) => kind)), rules);
  const facts = copy === undefined ? own : { ...own, answers: mergeAnswers(own.answers, copy.answers) };
  // What many use is no device of the other copy's person.
  if (copy !== undefined && first === undefined) return nothing;
  if (refusesStorage(event)) return noteRefusal(event, { usable, turned, facts }, view, expiry);
  const finders = isFoundByClick(event, identifiers) ? [...usable, ...leading] : usable;
  const joined = joinPersons(finders, facts, event, view, copy?.person);
  const base = joined.person ?? (first && newcomer(event, first, view));
  if (base === undefined) return nothing;
  const answers = mergeAnswers(base.answers, facts.answers);
  const earlier = unansweredBy(event, answers);
  const touches = keepsCampaigns?.(event, earlier) === true ? facts.touches : {};
  // A back end that says nothing of consent is not to have kept in clear what its person refused at the device.
  const contacts = withheldIdentifiers(event, earlier, rules.honourGpc).contacts ? {} : facts.contacts;
  const allowed = { ...facts, contacts, touches };
  const { person: taught, learned } = learnFacts(base, allowed, event.event_time - retentionMs);
  const person =
    isStale(base.expires_at, expiry) || learned.length > 0 || joined.merged.length > 0
      ? { ...taught, expires_at: event.received_at + retentionMs }
      : taught;
  const alias = new Set([person.id, ...joined.merged.map(({ id }) => id)]);
  const pointers = [
    ...usable.flatMap((identifier) => repoint(identifier, person.id, alias, view, expiry)),
    ...leading.flatMap((click) => repoint(click, person.id, alias, view, { ...expiry, retentionMs: clickRetentionMs })),
  ];
  const merged = joined.merged.map((loser) => ({ ...loser, merged_into: person.id }));
  return {
    person,
    personChanged: person !== base || base.version === 0 || merged.length > 0,
    merged,
    pointers: [...pointers, ...turned],
    learned: [...learned, ...(merged.length > 0 ? ["merge"] : [])],
    ...(first === undefined ? { foundBy: "click" } : {}),
    ...(first?.strong === true ? { isNamed: true } : {}),
  };
}

/**
 * Whether the event may be taken for the person behind its click: a back end's that names no device. What a device sends
 * has its own ids, and a link that somebody sent on came to it with the first one's click.
 */
function isFoundByClick({ source }: CanonicalEvent, identifiers: readonly GraphIdentifier[]): boolean {
  return source.kind === "server" && identifiers.every(({ strong }) => strong);
}

/**
 * Remembers a refusal of all storage with every identifier that the event has, and not that they belong together: a
 * newcomer's identifiers become persons of their own, of whom nothing is known but what they refused. Without that the
 * refusal would be forgotten with the event.
 */
function noteRefusal(
  event: CanonicalEvent,
  { usable, turned, facts }: { usable: readonly Sighting[]; turned: readonly PointerWrite[]; facts: Facts },
  view: GraphView,
  expiry: Expiry,
): Lesson {
  const refusal: Facts = { ...NO_FACTS, answers: facts.answers };
  const told = new Map<string, { readonly person: Person; readonly isChanged: boolean; readonly learned: string[] }>();
  const pointers: PointerWrite[] = [];
  for (const identifier of usable) {
    const was = view.pointer(identifier.key);
    const known = was && view.person(was.person_id);
    // As ever: what somebody without a name does at a device says nothing of another person who is known by theirs.
    if (known !== undefined && !canJoin(known, facts, identifier.strong)) continue;
    const base = known ?? newcomer(event, identifier, view);
    if (!told.has(base.id)) {
      const { person, learned } = learnFacts(base, refusal);
      const isChanged = learned.length > 0 || base.version === 0 || isStale(base.expires_at, expiry);
      const expires_at = expiry.now + expiry.retentionMs;
      told.set(base.id, { person: isChanged ? { ...person, expires_at } : person, isChanged, learned });
    }
    pointers.push(...repoint({ ...identifier, beside: was?.beside ?? [] }, base.id, new Set([base.id]), view, expiry));
  }
  const [own, ...others] = told.values();
  if (own === undefined) return { personChanged: false, merged: [], pointers: turned, learned: [] };
  return {
    person: own.person,
    personChanged: own.isChanged,
    merged: others.flatMap(({ person, isChanged }) => (isChanged ? [person] : [])),
    pointers: [...pointers, ...turned],
    learned: own.learned,
  };
}

function sighting(identifier: GraphIdentifier, event: readonly GraphIdentifier[], view: GraphView): Sighting {
  const { key } = identifier;
  const pointer = view.pointer(key);
  const beside = besideOf(identifier, event, pointer?.beside ?? []);
  return { ...identifier, beside, suspicion: suspicionOf({ key, beside, seen_with: pointer?.seen_with ?? [] }) };
}

function newcomer(event: CanonicalEvent, first: GraphIdentifier, view: GraphView): Person {
  const id = personIdFor(first.key);
  // A crash after the person was written and before its pointers leaves a person nobody points to: take it up again.
  return view.person(id) ?? nobody(id, event.received_at);
}

/** A person of whom nothing is known, not even for how long. */
export function nobody(id: string, createdAt: number): Person {
  return {
    id,
    version: 0,
    created_at: createdAt,
    expires_at: 0,
    ...NO_FACTS,
    merges: 0,
    merge_records: [],
    apart: [],
  };
}
