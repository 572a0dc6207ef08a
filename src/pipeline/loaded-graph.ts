import { type GraphView, type Lesson, type Person, type Pointer, personIdFor } from "../core/identity.ts";
import { MAX_MERGES } from "../core/person-merge.ts";
import type { IdentityStore } from "./identity.ts";

/**
 * Steps from a merged person to the one it is now; beyond them it counts as gone. Merges lead to ever older persons, so
 * there is no cycle, and pointers are moved to the end of the chain when they are next seen, so that few take one step.
 */
const MAX_HOPS = MAX_MERGES;

/** The part of the graph in memory, with what this session wrote. */
export class LoadedGraph implements GraphView {
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

  leadsTo(key: string, { id }: Person): boolean {
    const pointer = this.#pointers.get(key);
    return pointer !== undefined && this.person(pointer.person_id)?.id === id;
  }

  /** Reads what these keys lead to, and the persons of `ids` with them. */
  async load(some: readonly string[], ids: readonly string[] = []): Promise<void> {
    const keys = [...new Set(some)];
    const pointers = keys.length === 0 ? [] : await this.#store.readPointers(keys);
    const wanted = new Set(ids);
    keys.forEach((key, index) => {
      const pointer = pointers[index];
      if (pointer === undefined) this.#pointers.delete(key);
      else this.#pointers.set(key, pointer);
      // Without a pointer there may still be the person of a crash between the two writes.
      const id = pointer?.person_id ?? (startsPersons(key) ? personIdFor(key) : undefined);
      if (id !== undefined) wanted.add(id);
    });
    await this.#loadPersons([...wanted]);
    // A pointer that outlived its person counts as none, so the same holds for it. Rare, hence its own read.
    const orphaned = keys.filter(startsPersons).filter((key) => {
      const pointer = this.#pointers.get(key);
      return pointer !== undefined && this.person(pointer.person_id) === undefined;
    });
    await this.#loadPersons(orphaned.map(personIdFor));
  }

  /** The persons of these ids as they are now, each once; those that are gone are left out. */
  async personsOf(ids: readonly string[]): Promise<Person[]> {
    await this.#loadPersons(ids);
    const found = ids.map((id) => this.person(id)).filter((person) => person !== undefined);
    return [...new Map(found.map((person) => [person.id, person])).values()];
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

/** A click is never all that is known of a newcomer. */
function startsPersons(key: string): boolean {
  return !key.startsWith("click#");
}
