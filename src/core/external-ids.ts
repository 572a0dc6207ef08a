import type { CanonicalEvent } from "./event.ts";
import { composed } from "./fold.ts";
import { hashWith } from "./hashing.ts";
import { presentList } from "./present.ts";

/**
 * SHA-256 of an id of the sender's: trimmed, and its case kept, as the tags in the browser send it. A digest that the
 * sender made is passed on.
 */
export function idDigest(id: string | undefined): string | undefined {
  return hashWith(trimmed, id);
}

/**
 * Digests of the person's and of the visitor's id, from the event or the identity graph; undefined when neither is known.
 * Both go: the tag in the browser may have sent either, and platforms join on any that is equal.
 */
export function externalIdDigests({ user, known }: Pick<CanonicalEvent, "user" | "known">): string[] | undefined {
  return presentList(idDigest(user.user_id ?? known?.user_id), idDigest(user.anonymous_id ?? known?.anonymous_id));
}

function trimmed(id: string): string {
  return composed(id).trim();
}
