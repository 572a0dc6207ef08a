import type { CanonicalEvent } from "../core/event.ts";
import {
  type GraphView,
  type LearningRules,
  type Lesson,
  learnFromEvent,
  type Person,
  type Pointer,
  personIdFor,
} from "../core/identity.ts";
import { type GraphIdentifier, graphIdentifiers } from "../core/identity-identifiers.ts";
import { type Filled, knownIdentifiers } from "../core/known-identifiers.ts";
import { MAX_MERGES } from "../core/person-merge.ts";
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
}

/** Looks up, learns and fills, event by event, over one batch of messages read together. */
export interface IdentitySession {
  /** Throws when the store fails, or when others kept changing the same person. */
  identify(event: CanonicalEvent): Promise<Identified>;
}

/**
 * Steps from a merged person to the one it is now; beyond them it counts as gone. Merges lead to ever older persons, so
 * there is no cycle, and pointers are moved to the end of the chain when they are next seen, so that few take one step.
 */
const MAX_HOPS = MAX_MERGES;
/** Rounds of reading again after somebody else wrote. Each loses to a write that succeeded, so few are needed. */
const MAX_ROUNDS = 8;

/**
 * Starts a session: two batched reads for everything that these events can touch. Events must carry their `hashes`.
 */
export async function openIdentities(
  events: readonly CanonicalEvent[],
  store: IdentityStore,
  rules: LearningRules,
): Promise<IdentitySession> {
  const graph = new LoadedGraph(store);
  await graph.load(events.flatMap(graphIdentifiers));
  return {
    async identify(event) {
      const identifiers = graphIdentifiers(event);
      const learned = new Set<string>();
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        // A stale view after a lost race: read this event's part again, never overwrite.
        if (round > 0) await graph.load(identifiers);
        const lesson = pure(() => learnFromEvent(event, identifiers, graph, rules));
        for (const word of lesson.learned) learned.add(word);
        if (!(await graph.save(lesson))) continue;
        const { person } = lesson;
        const filled = person === undefined ? {} : pure(() => knownIdentifiers(event, person, rules));
        return { ...filled, learned: [...learned] };
      }
      throw new Error(`the identity of one event kept changing for ${MAX_ROUNDS} rounds`);
    },
  };
}

/** The part of the graph in memory, with what this session wrote. */
class LoadedGraph implements GraphView {
  readonly #store: IdentityStore;
  readonly #pointers = new Map<string, Pointer>();
  readonly #persons = new Map<string, Person>();

  constructor(store: IdentityStore) {
    this.#store = store;
  }

  pointer(key: string): Pointer | undefined {
    return this.#pointers.get(key);
  }

  person(id: string): Person | undefined {
    let person = this.#persons.get(id);
    for (let hop = 0; person?.merged_into !== undefined && hop < MAX_HOPS; hop += 1) {
      person = this.#persons.get(person.merged_into);
    }
    return person?.merged_into === undefined ? person : undefined;
  }

  async load(identifiers: readonly GraphIdentifier[]): Promise<void> {
    const keys = [...new Set(identifiers.map(({ key }) => key))];
    if (keys.length === 0) return;
    const pointers = await this.#store.readPointers(keys);
    const wanted = new Set<string>();
    keys.forEach((key, index) => {
      const pointer = pointers[index];
      if (pointer === undefined) this.#pointers.delete(key);
      else this.#pointers.set(key, pointer);
      // Without a pointer there may still be the person of a crash between the two writes.
      wanted.add(pointer?.person_id ?? personIdFor(key));
    });
    await this.#loadPersons([...wanted]);
    // A pointer that outlived its person counts as none, so the same holds for it. Rare, hence its own read.
    const orphaned = keys.filter((key) => {
      const pointer = this.#pointers.get(key);
      return pointer !== undefined && this.person(pointer.person_id) === undefined;
    });
    await this.#loadPersons(orphaned.map(personIdFor));
  }

  async #loadPersons(ids: readonly string[]): Promise<void> {
    let wanted = ids;
    for (let hop = 0; wanted.length > 0 && hop <= MAX_HOPS; hop += 1) {
      const persons = await this.#store.readPersons(wanted);
      wanted.forEach((id, index) => {
        const person = persons[index];
        if (person === undefined) this.#persons.delete(id);
        else this.#persons.set(id, person);
      });
      wanted = [...new Set(persons.flatMap((person) => person?.merged_into ?? []))];
    }
  }

  /** Person first, then who merged into it, then pointers: a crash in between leaves nothing that misleads. */
  async save({ person, personChanged, merged, pointers }: Lesson): Promise<boolean> {
    const persons = person !== undefined && personChanged ? [person, ...merged] : merged;
    for (const changed of persons) {
      if (!(await this.#store.savePerson(changed))) return false;
      this.#persons.set(changed.id, { ...changed, version: changed.version + 1 });
    }
    const saved = await Promise.all(
      pointers.map(async ({ pointer, was }) => {
        const isSaved = await this.#store.savePointer(pointer, was);
        if (isSaved) this.#pointers.set(pointer.key, pointer);
        return isSaved;
      }),
    );
    return saved.every(Boolean);
  }
}
