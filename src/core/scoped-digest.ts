import { hash } from "node:crypto";
import type { CanonicalEvent } from "./event.ts";

// Of the keys of the identity graph, apart from the rules of what may be one: lanes need the keys, and their bundles are small.

/** Short digest for keys and person ids: 128 bits, URL-safe. */
export function shortDigest(text: string): string {
  // One call, for it is made of every value of a refused event that may be somebody's.
  return hash("sha256", text, "buffer").subarray(0, 16).toString("base64url");
}

/**
 * Cookies of platforms' tags that are one browser's for long, by their name in `browser_ids`: identifiers of the graph. Not
 * those that hold a click.
 */
export const DEVICE_COOKIES = ["fbp", "ga_client_id", "ttp", "scid", "rdt_uuid", "uetvid", "hubspotutk"] as const;

/** Digest of an id that means something only within its scope; the key of a user or anonymous id in the graph. */
export function scopedDigest(scope: string, id: string): string {
  return shortDigest(`${scope}\u0000${id}`);
}

/** The part of a contact's key after its kind: its hash itself where contacts are shared by all scopes. */
export function contactDigest(scope: string, hash: string): string {
  return scope === "" ? hash : scopedDigest(scope, hash);
}

/** The scope in which the user and anonymous ids of an event mean somebody. */
export function identityScope({ source }: Pick<CanonicalEvent, "source">): string {
  return source.identity_scope ?? source.dedup_scope;
}
