import type { ConsentMemory } from "../core/consent-memory.ts";
import { withDeviceIds } from "../core/device-ids.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { type LearningRules, learnFromEvent, type Person, type Pointer } from "../core/identity.ts";
import { clickIdentifiers, graphIdentifiers, type IdentifierKind } from "../core/identity-identifiers.ts";
import { type Filled, knownIdentifiers } from "../core/known-identifiers.ts";
import { factsOf, isNamed } from "../core/person-facts.ts";
import { canJoin } from "../core/person-merge.ts";
import { present } from "../core/present.ts";
import { LoadedGraph } from "./loaded-graph.ts";
import { type OrderPersons, orderToLookUp } from "./order-persons.ts";
import { pure } from "./queued-record.ts";

/** The identity graph's storage. Every write is conditional on what was read; `false` means somebody was faster. */
export interface IdentityStore {
  /** In order; undefined where there is none. Batched. */
  readPointers(keys: readonly string[]): Promise<(Pointer | undefined)[]>;
  /** In order; undefined where there is none. Batched. */
  readPersons(ids: readonly string[]): Promise<(Person | undefined)[]>;
  /** Stores `person` as version `person.version + 1` when the stored one still has `person.version` (0: is absent). */
  savePerson(person: Person): Promise<boolean>;
  /** Stores `pointer` when the stored one still leads where `was` does and was seen with the same (undefined: is absent). */
  savePointer(pointer: Pointer, was: Pointer | undefined): Promise<boolean>;
}

/** What identity found for one event. */
export interface Identified extends Partial<Filled> {
  readonly learned: readonly string[];
  /** Set when no identifier of the event led to the person. */
  readonly found_by?: "order" | "click";
  /** Set when the event names the person itself, by what is not suspect. */
  readonly is_named?: true;
}

/** Looks up, learns and fills, event by event, over one batch of messages read together. */
export interface IdentitySession {
  /** Throws when the store fails, or when others kept changing the same person. */
  identify(event: CanonicalEvent): Promise<Identified>;
  /**
   * Learns from a copy what one event with the identifiers of both copies would teach, and says whether that was anything.
   * What is gone from the graph since the other copy came, erased or expired, stays gone. Throws as `identify` does.
   */
  join(event: CanonicalEvent, other: OtherCopy): Promise<boolean>;
}

/** Another copy of the same action, as its claim tells of it. */
export interface OtherCopy {
  /** Whom the graph took it to be of. */
  readonly personId: string;
  /** Of a copy that named nobody: the keys of its device's ids, and whether the graph knew a name all the same. */
  readonly device?: { readonly keys: readonly string[]; readonly wasNamed: boolean };
  /** What whichever copy is the device's said of consent: it holds for whom the other one names. */
  readonly answers: ConsentMemory;
}

/** Rounds of reading again after somebody else wrote. Each loses to a write that succeeded, so few are needed. */
const MAX_ROUNDS = 8;

/**
 * Starts a session: two batched reads for everything that these events can touch. Events must carry their `hashes`. An
 * event that nothing of it leads to a person, and that has an order, costs two reads more and a third for the person.
 */
export async function openIdentities(
  events: readonly CanonicalEvent[],
  store: IdentityStore,
  rules: LearningRules,
  orders?: OrderPersons,
): Promise<IdentitySession> {
  const graph = new LoadedGraph(store);
  await graph.load(events.flatMap(keysOf));
  return {
    async identify(event) {
      const identifiers = graphIdentifiers(event);
      const learned = new Set<string>();
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        // A stale view after a lost race: read this event's part again, never overwrite.
        if (round > 0) await graph.load(keysOf(event));
        const lesson = pure(() => learnFromEvent(event, identifiers, graph, rules));
        for (const word of lesson.learned) learned.add(word);
        if (!(await graph.save(lesson))) continue;
        if (lesson.person !== undefined) {
          const { person } = lesson;
          const filled = pure(() => knownIdentifiers(event, person, rules));
          const { foundBy: found_by, isNamed: is_named } = lesson;
          return { ...filled, learned: [...learned], ...present({ found_by, is_named }) };
        }
        const bought = await purchaserOf(event, graph, orders);
        if (bought === undefined) return { learned: [...learned] };
        const { person, places } = bought;
        const placed = { ...event, known: { person_id: person.id, places } };
        const { known, filled } = pure(() => knownIdentifiers(placed, person, rules));
        return { known: { ...known, places }, filled, learned: [...learned], found_by: "order" };
      }
      throw tooManyRounds();
    },
    async join(event, { answers, device, personId }) {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        await graph.load([...(round === 0 ? [] : keysOf(event)), ...(device?.keys ?? [])], [personId]);
        const person = graph.person(personId);
        const union = person && unionOf(event, person, device, graph);
        if (union === undefined) return false;
        const copy = device === undefined ? { person, answers } : { answers };
        const lesson = pure(() => learnFromEvent(union, graphIdentifiers(union), graph, rules, present(copy)));
        // What is suspect names nobody, and a back end's own id leads to whoever bought before.
        if (device !== undefined && lesson.isNamed !== true) return false;
        if (await graph.save(lesson)) return lesson.personChanged || lesson.pointers.length > 0;
      }
      throw tooManyRounds();
    },
  };
}

/** The keys of all that an event can lead to, whatever is made of it. */
function keysOf(event: CanonicalEvent): string[] {
  return [...graphIdentifiers(event), ...clickIdentifiers(event)].map(({ key }) => key);
}

const NAMING: ReadonlySet<IdentifierKind> = new Set(["user_id", "email", "phone"]);

/**
 * A copy with the ids of the other copy's device, where it has them not itself. Undefined where somebody gave a name at
 * the device since: then it is theirs.
 */
function unionOf(
  event: CanonicalEvent,
  other: Person,
  device: OtherCopy["device"],
  graph: LoadedGraph,
): CanonicalEvent | undefined {
  if (device === undefined) return isNamed(other) ? event : undefined;
  // By now it may be whom this copy names: of a join that a crash cut off.
  if (!device.wasNamed && !canJoin(other, factsOf(event, NAMING), false)) return undefined;
  return withDeviceIds(event, new Set(device.keys.filter((key) => graph.leadsTo(key, other))), other);
}

function tooManyRounds(): Error {
  return new Error(`the identity of one event kept changing for ${MAX_ROUNDS} rounds`);
}

/**
 * The person who bought what a refund, or a change of an order, is about. Nothing is learned from it: an order's number
 * joins nobody, and one that is of several people is of nobody. With the places of the purchase: a server that
 * says of a refund no more than its order says no country either, and the default of none may be another one.
 */
async function purchaserOf(
  event: CanonicalEvent,
  graph: LoadedGraph,
  orders: OrderPersons | undefined,
): Promise<{ person: Person; places: string[] } | undefined> {
  const orderId = orders === undefined ? undefined : orderToLookUp(event);
  if (orders === undefined || orderId === undefined) return undefined;
  const { ids, places } = await orders.purchasersOf(event.source.dedup_scope, orderId);
  const [person, ...others] = await graph.personsOf(ids);
  // Who is gone bought it as well: what is left of several is of nobody.
  const isOfOne = others.length === 0 && ids.every((id) => graph.person(id) !== undefined);
  return isOfOne && person !== undefined ? { person, places: [...places] } : undefined;
}
