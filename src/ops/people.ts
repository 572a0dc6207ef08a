import type { ResolvedConfig } from "../config/resolved-config.ts";
import { sha256Hex } from "../core/hashing.ts";
import type { Person, Pointer } from "../core/identity.ts";
import { personKey, personKeys } from "../core/person-keys.ts";
import { MAX_MERGES } from "../core/person-merge.ts";
import type { IdentityStore } from "../pipeline/identity.ts";

/** Where people are looked up. */
export interface PeoplePorts {
  readonly config: Pick<ResolvedConfig, "sources" | "destinations" | "retention" | "archive" | "defaultCountry">;
  readonly identities: Pick<IdentityStore, "readPointers" | "readPersons">;
}

/** Whom one identifier leads to. */
export interface FoundPeople {
  /** Of the identifier, and of all persons that it leads to: what events are compared with. */
  readonly keys: ReadonlySet<string>;
  readonly pointers: readonly Pointer[];
  /** Each with the id by which it was reached; a merged person is followed to the one it is now. */
  readonly persons: readonly { readonly reachedAs: string; readonly person: Person }[];
}

/** Steps from a merged person to the one it is now, as many as enrich goes. */
const MAX_HOPS = MAX_MERGES;

/** Finds everybody that an identifier of any kind may stand for; two batched reads, and one for each step of a merge. */
export async function findPeople(identifier: string, { config, identities }: PeoplePorts): Promise<FoundPeople> {
  const scopes = scopesOf(config);
  const keys = new Set(personKeys(identifier, { scopes, defaultCountry: config.defaultCountry }));
  const graphKeys = [...keys].filter((key) => !key.startsWith(personKey("")));
  const given = [...keys].filter((key) => key.startsWith(personKey("")));
  const pointers = (await identities.readPointers(graphKeys)).filter((pointer) => pointer !== undefined);
  const ids = [...pointers.map(({ person_id }) => person_id), ...given.map((key) => key.slice(personKey("").length))];
  const persons = await followMerges([...new Set(ids)], identities, keys);
  return { keys, pointers, persons };
}

/** Scopes in which user and anonymous ids mean something, also those of before a source was given an `identityScope`. */
export function scopesOf({ sources }: Pick<ResolvedConfig, "sources">): string[] {
  return [...new Set(sources.flatMap(({ dedupScope, identityScope = dedupScope }) => [identityScope, dedupScope]))];
}

/** Adds the key of every person on the way: an event names the person that it was at its time. */
async function followMerges(
  ids: readonly string[],
  identities: PeoplePorts["identities"],
  keys: Set<string>,
): Promise<FoundPeople["persons"]> {
  const found: { reachedAs: string; person: Person }[] = [];
  let wanted = ids.map((id) => ({ reachedAs: id, id }));
  for (let hop = 0; wanted.length > 0 && hop <= MAX_HOPS; hop += 1) {
    const persons = await identities.readPersons(wanted.map(({ id }) => id));
    const next: typeof wanted = [];
    wanted.forEach(({ reachedAs }, index) => {
      const person = persons[index];
      if (person === undefined) return;
      keys.add(personKey(person.id));
      if (person.merged_into === undefined) found.push({ reachedAs, person });
      else next.push({ reachedAs, id: person.merged_into });
    });
    wanted = next;
  }
  return found;
}

/** Twenty bits: of a thousand million phone numbers a thousand have the same, so that trying all of them finds nobody. */
const AUDITED_HEX_DIGITS = 5;

/**
 * An identifier as the audit log names it: who knows the identifier can tell that it was asked for, and who does not
 * cannot find it by trying.
 */
export function auditedIdentifier(identifier: string): string {
  return `sha256:${sha256Hex(identifier.trim().toLowerCase()).slice(0, AUDITED_HEX_DIGITS)}…`;
}
