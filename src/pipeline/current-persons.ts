import type { Person } from "../core/identity.ts";
import type { IdentityStore } from "./identity.ts";

/** Steps from a merged person to the one it is now. */
const MAX_HOPS = 6;

/** By the id that an event has: who that person is today, merges followed. Nobody's id that is gone is in it. */
export async function readCurrentPersons(
  ids: Iterable<string>,
  identities: Pick<IdentityStore, "readPersons">,
): Promise<Map<string, Person>> {
  const found = new Map<string, Person>();
  const asked = new Set(ids);
  let wanted = [...asked];
  for (let hop = 0; wanted.length > 0 && hop <= MAX_HOPS; hop += 1) {
    const persons = await identities.readPersons(wanted);
    for (const person of persons) if (person !== undefined) found.set(person.id, person);
    wanted = persons.flatMap((person) => person?.merged_into ?? []).filter((id) => !found.has(id));
  }
  const roots = [...asked].flatMap((id): [string, Person][] => {
    let person = found.get(id);
    for (let hop = 0; person?.merged_into !== undefined && hop < MAX_HOPS; hop += 1)
      person = found.get(person.merged_into);
    return person === undefined ? [] : [[id, person]];
  });
  return new Map(roots);
}
