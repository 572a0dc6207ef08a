import { ERASURE_REACH_MS } from "../core/erasure.ts";
import { type Person, personIdFor } from "../core/identity.ts";
import { isPersonKey, personKey } from "../core/person-keys.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { suspicionOf } from "../core/suspect-identifiers.ts";
import { type ErasableIdentityStore, erasePerson, pointerKeysOf, readFamily } from "./identity-edit.ts";

/** What an erasure needs of the identity graph. */
export interface EraseIdentityDeps {
  readonly identities: ErasableIdentityStore;
  /** In which user and anonymous ids mean something. */
  readonly scopes: readonly string[];
}

/**
 * The keys of a job, with those of a person whom nobody knew when it was asked for: an event that was on its way then has
 * made one since, and an identifier of the job leads there. Of a person who was known all is in the job already, and
 * whoever its identifiers lead to now has come by them later.
 */
export async function keysToErase(job: PrivacyJob, { identities, scopes }: EraseIdentityDeps): Promise<string[]> {
  const { person_keys: keys } = job;
  if (keys.some((key) => isPersonKey(key))) return [...keys];
  const pointers = (await identities.readPointers(keys)).filter((pointer) => pointer !== undefined);
  const sound = pointers.filter((pointer) => suspicionOf(pointer) === undefined);
  const families = await Promise.all(
    [...new Set(sound.map(({ person_id }) => person_id))].map((id) => readFamily(id, identities)),
  );
  const before = families.flat().filter(({ created_at }) => created_at <= job.created_at + ERASURE_REACH_MS);
  const theirs = before.flatMap((person) => [personKey(person.id), ...pointerKeysOf(person, scopes)]);
  return [...new Set([...keys, ...theirs])];
}

/**
 * Takes the persons of a job out of the graph, and what still leads to them. Answers how many items went. Whoever came
 * back under the same identifiers since is somebody new and stays; a person that an event of before made anew meanwhile,
 * which a worker had in hand, goes.
 */
export async function eraseFromGraph(job: PrivacyJob, deps: EraseIdentityDeps): Promise<number> {
  const { identities, scopes } = deps;
  const keys = new Set(job.person_keys);
  const ids = [...keys].flatMap((key) => (isPersonKey(key) ? [key.slice(personKey("").length)] : []));
  const identifiers = [...keys].filter((key) => !isPersonKey(key));
  const known = new Set(ids);
  const made = identifiers.map(personIdFor).filter((id) => !known.has(id));
  const wanted = [...new Set([...ids, ...made])];
  const persons = (await identities.readPersons(wanted)).filter((person) => person !== undefined);
  const isTheirs = (person: Person) =>
    known.has(person.id) || pointerKeysOf(person, scopes).every((key) => keys.has(key));
  const gone = persons.filter((person) => person.created_at <= job.created_at + ERASURE_REACH_MS && isTheirs(person));
  let removed = 0;
  for (const { id } of gone) removed += await erasePerson(id, scopes, identities);
  return removed + (await eraseOrphans(identifiers, new Set([...ids, ...gone.map(({ id }) => id)]), deps));
}

/** Identifiers that lead to one of these persons, who is not there any more: what the person itself did not tell of. */
async function eraseOrphans(
  identifiers: readonly string[],
  ids: ReadonlySet<string>,
  { identities }: EraseIdentityDeps,
): Promise<number> {
  const pointers = (await identities.readPointers(identifiers)).filter((pointer) => pointer !== undefined);
  const leading = pointers.filter(({ person_id }) => ids.has(person_id));
  const persons = await identities.readPersons(leading.map(({ person_id }) => person_id));
  const orphans = leading.filter((_, index) => persons[index] === undefined);
  const gone = await Promise.all(orphans.map((pointer) => identities.deletePointer(pointer)));
  return gone.filter(Boolean).length;
}
