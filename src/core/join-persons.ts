import type { CanonicalEvent } from "./event.ts";
import type { GraphView, Person } from "./identity.ts";
import type { GraphIdentifier } from "./identity-identifiers.ts";
import type { Facts } from "./person-facts.ts";
import { areKeptApart, canJoin, mergePersons } from "./person-merge.ts";

/**
 * Joins the persons that the identifiers lead to, strongest first; who contradicts is left alone. `theirs` is whom another
 * copy of the same action names, taken as if the strongest of all had led there.
 */
export function joinPersons(
  identifiers: readonly GraphIdentifier[],
  facts: Facts,
  { event_id, received_at: at }: CanonicalEvent,
  view: GraphView,
  theirs?: Person,
): { person?: Person; merged: Person[] } {
  let person = theirs;
  let foundBy = "another copy";
  const merged: Person[] = [];
  for (const { key, strong } of identifiers) {
    const pointer = view.pointer(key);
    const candidate = pointer && view.person(pointer.person_id);
    if (candidate === undefined || candidate.id === person?.id) continue;
    if (merged.some(({ id }) => id === candidate.id) || !canJoin(candidate, facts, strong)) continue;
    if (person === undefined) {
      person = candidate;
      foundBy = key;
    } else if (canJoin(candidate, person, strong) && !areKeptApart(candidate, person)) {
      const cause = { at, event_id, joined_by: [shownKey(foundBy), shownKey(key)] } as const;
      const union = mergePersons(person, candidate, cause);
      if (union === undefined) continue;
      merged.push(union.loser);
      person = union.winner;
    }
  }
  return person === undefined ? { merged } : { person, merged };
}

/** A key as it is told: its kind, and enough of its digest to know it again. What is no key is told as it is. */
function shownKey(key: string): string {
  const [kind, digest] = key.split("#");
  return digest === undefined ? key : `${kind}#${digest.slice(0, SHOWN_DIGEST)}`;
}

const SHOWN_DIGEST = 8;
