import type { Person, Pointer } from "../../core/identity.ts";
import type { ErasableIdentityStore } from "../../pipeline/identity-edit.ts";

/** The identity table in memory, for tests and simulation. */
export interface MemoryIdentityStore extends ErasableIdentityStore {
  /** Everything stored, to look at. */
  contents(): { persons: Person[]; pointers: Pointer[] };
  /** Writes so far, persons and pointers. */
  writes(): number;
}

/** Keeps copies both ways, as a database does: a caller's later change never reaches the store. Without a clock nothing expires. */
export function createMemoryIdentityStore({ now = () => 0 }: { now?: () => number } = {}): MemoryIdentityStore {
  const persons = new Map<string, Person>();
  const pointers = new Map<string, Pointer>();
  const alive = <T extends { expires_at: number }>(item: T | undefined) =>
    item !== undefined && item.expires_at > now() ? item : undefined;
  let writes = 0;
  return {
    async readPointers(keys) {
      return keys.map((key) => structuredClone(alive(pointers.get(key))));
    },
    async readPersons(ids) {
      return ids.map((id) => structuredClone(alive(persons.get(id))));
    },
    async savePerson(person) {
      if ((alive(persons.get(person.id))?.version ?? 0) !== person.version) return false;
      writes += 1;
      persons.set(person.id, structuredClone({ ...person, version: person.version + 1 }));
      return true;
    },
    async savePointer(pointer, was) {
      if (asRead(alive(pointers.get(pointer.key))) !== asRead(was)) return false;
      writes += 1;
      pointers.set(pointer.key, structuredClone(pointer));
      return true;
    },
    async deletePerson({ id, version }) {
      if (alive(persons.get(id))?.version !== version) return false;
      return persons.delete(id);
    },
    async deletePointer(pointer) {
      if (asRead(alive(pointers.get(pointer.key))) !== asRead(pointer)) return false;
      return pointers.delete(pointer.key);
    },
    contents: () => structuredClone({ persons: [...persons.values()], pointers: [...pointers.values()] }),
    writes: () => writes,
  };
}

function asRead(pointer: Pointer | undefined): string {
  return JSON.stringify(pointer && [pointer.person_id, pointer.seen_with, pointer.beside]);
}
