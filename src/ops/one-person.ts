import { z } from "zod/mini";
import { personKey } from "../core/person-keys.ts";
import { suspicionOf } from "../core/suspect-identifiers.ts";
import { ownKeys, pointerKeysOf, readFamily } from "../pipeline/identity-edit.ts";
import { findPeople, type PeoplePorts, scopesOf } from "./people.ts";
import { OpsRefusal } from "./route.ts";

/** How a person is named who asks for their data: e-mail, phone, user id, anonymous id, a SHA-256 of e-mail or phone, or a person id. */
export const ONE_PERSON = z.string().check(z.minLength(1), z.maxLength(320));

/**
 * The keys of exactly one person, given any identifier of theirs: those of their identifiers and their person ids, with
 * persons merged into them. Refuses where it may be somebody else: what is handed out cannot be taken back. A person whom
 * the graph does not know, or not any more, is known by the identifier alone.
 */
export async function onePersonKeys(identifier: string, ports: PeoplePorts): Promise<string[]> {
  const { keys, persons, pointers } = await findPeople(identifier, ports);
  if (keys.size === 0) {
    throw new OpsRefusal(400, "nobody", "this identifies nobody: it is empty, or a placeholder that many people send");
  }
  const suspect = pointers.filter((pointer) => suspicionOf(pointer) !== undefined);
  const suspectIds = new Set(suspect.map(({ person_id }) => person_id));
  const soundIds = new Set(pointers.filter((it) => !suspect.includes(it)).map(({ person_id }) => person_id));
  const sound = persons.filter(({ reachedAs }) => soundIds.has(reachedAs) || !suspectIds.has(reachedAs));
  const ids = [...new Set(sound.map(({ person }) => person.id))];
  const [id, ...others] = ids;
  if (others.length > 0) {
    const todo = `ask for one of ${ids.join(", ")}, by person id`;
    throw new OpsRefusal(409, "several_persons", "this identifier leads to several persons", todo);
  }
  if (id !== undefined) {
    // Those that led here beside the person's latest: an address of before is theirs as well.
    const given = pointers.filter(({ person_id }) => soundIds.has(person_id)).map(({ key }) => key);
    return keysOfFamily(id, given, ports);
  }
  if (suspect.length > 0) {
    const todo = "ask by another identifier of theirs, or by the person id that GET /identity shows";
    throw new OpsRefusal(409, "suspect_identifier", "several people use this identifier: it is nobody's alone", todo);
  }
  return [...keys];
}

async function keysOfFamily(
  id: string,
  given: readonly string[],
  { config, identities }: PeoplePorts,
): Promise<string[]> {
  const family = await readFamily(id, identities);
  const ids = new Set(family.map((person) => person.id));
  const scopes = scopesOf(config);
  const known = [...new Set([...given, ...family.flatMap((person) => pointerKeysOf(person, scopes))])];
  return [...(await ownKeys(known, ids, identities)), ...[...ids].map(personKey)];
}
