import { erasedUntil } from "../core/erasure.ts";
import { type Person, personIdFor } from "../core/identity.ts";
import { isPersonKey, personKey } from "../core/person-keys.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { suspicionOf } from "../core/suspect-identifiers.ts";
import {
  deletePointers,
  type ErasableIdentityStore,
  erasePerson,
  ownKeys,
  pointerKeysOf,
  readFamily,
} from "./identity-edit.ts";

/** What an erasure needs of the identity graph. */
export interface EraseIdentityDeps {
  readonly identities: ErasableIdentityStore;
  /** In which user and anonymous ids mean something. */
  readonly scopes: readonly string[];
}

/**
 * The keys of a job, with those of whoever became this person since it was asked for: by a merge, or, of a person whom
 * nobody knew then, by an event that was on its way and made one. Who came back after the erasure may have the same id,
 * and joins others as somebody new does: their person is not of before.
 */
export async function keysToErase(job: PrivacyJob, { identities, scopes }: EraseIdentityDeps): Promise<string[]> {
  const { person_keys: keys } = job;
  const isOfBefore = ({ created_at }: Person) => created_at <= erasedUntil(job);
  const asked = personIdsOf(keys);
  const ids = asked.length > 0 ? asked : await personsBehind(keys, identities);
  const persons = (await identities.readPersons(ids)).filter((person) => person !== undefined).filter(isOfBefore);
  const family = new Map<string, Person>();
  for (const { id } of persons) {
    if (family.has(id)) continue;
    for (const person of await readFamily(id, identities)) family.set(person.id, person);
  }
  const unknown = [...family.values()].filter((person) => isOfBefore(person) && !asked.includes(person.id));
  const theirs = unknown.flatMap((person) => pointerKeysOf(person, scopes));
  const own = await ownKeys(theirs, new Set(family.keys()), identities);
  return [...new Set([...keys, ...unknown.map(({ id }) => personKey(id)), ...own])];
}

function personIdsOf(keys: readonly string[]): string[] {
  return keys.filter(isPersonKey).map((key) => key.slice(personKey("").length));
}

async function personsBehind(
  keys: readonly string[],
  identities: Pick<ErasableIdentityStore, "readPointers">,
): Promise<string[]> {
  const pointers = (await identities.readPointers(keys)).filter((pointer) => pointer !== undefined);
  const sound = pointers.filter((pointer) => suspicionOf(pointer) === undefined);
  return [...new Set(sound.map(({ person_id }) => person_id))];
}

/**
 * Takes the persons of a job out of the graph, and what still leads to them. Answers how many items went. Whoever came
 * back under the same identifiers since is somebody new and stays; a person that an event of before made anew meanwhile,
 * which a worker had in hand, goes.
 */
export async function eraseFromGraph(job: PrivacyJob, deps: EraseIdentityDeps): Promise<number> {
  const { identities, scopes } = deps;
  const keys = new Set(job.person_keys);
  const ids = personIdsOf(job.person_keys);
  const identifiers = [...keys].filter((key) => !isPersonKey(key));
  const known = new Set(ids);
  const made = identifiers.map(personIdFor).filter((id) => !known.has(id));
  const wanted = [...new Set([...ids, ...made])];
  const persons = (await identities.readPersons(wanted)).filter((person) => person !== undefined);
  const isTheirs = (person: Person) =>
    known.has(person.id) || pointerKeysOf(person, scopes).every((key) => keys.has(key));
  const gone = persons.filter((person) => person.created_at <= erasedUntil(job) && isTheirs(person));
  let removed = 0;
  for (const { id } of gone) removed += await erasePerson(id, scopes, identities);
  return removed + (await eraseOrphans(identifiers, deps));
}

/**
 * Identifiers that lead to somebody who is not there: a write that arrived after its person was gone. Events write a
 * person before what leads to them, so that nobody is on their way.
 */
async function eraseOrphans(identifiers: readonly string[], { identities }: EraseIdentityDeps): Promise<number> {
  const pointers = (await identities.readPointers(identifiers)).filter((pointer) => pointer !== undefined);
  const persons = await identities.readPersons(pointers.map(({ person_id }) => person_id));
  const orphans = pointers.filter((_, index) => persons[index] === undefined);
  return deletePointers(orphans, identities);
}
