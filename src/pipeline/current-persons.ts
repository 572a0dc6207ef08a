import { type ConsentState, joinedVendorRefusals } from "../core/consent.ts";
import { refusedSince } from "../core/consent-memory.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { Person } from "../core/identity.ts";
import type { IdentityStore } from "./identity.ts";

/** Steps from a merged person to the one it is now, as many as there can be: `MAX_MERGES`, which would weigh in lanes. */
const MAX_HOPS = 50;

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

/** Ids of the persons behind an event: of each copy that is in it. */
export function knownPersons({ known }: CanonicalEvent): string[] {
  return known === undefined ? [] : [known.person_id, ...(known.other_person_ids ?? [])];
}

/** What any person behind the event refused after it, or after what a string in it had answered, and has not granted again. */
export function refusedSinceByAny(event: CanonicalEvent, persons: ReadonlyMap<string, Person>): ConsentState {
  const refusals = knownPersons(event).map((id) => refusedSince(persons.get(id)?.answers ?? {}, event));
  const vendors = joinedVendorRefusals(refusals);
  const refused: ConsentState = Object.assign({}, ...refusals);
  return Object.keys(vendors).length === 0 ? refused : { ...refused, refused_to: vendors };
}
