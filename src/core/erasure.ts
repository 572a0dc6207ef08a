import { createHmac } from "node:crypto";
import { MINUTE_MS } from "./durations.ts";
import type { CanonicalEvent } from "./event.ts";
import { sentDigest } from "./hashing.ts";
import type { PrivacyJob } from "./privacy-job.ts";
import { contactDigest, DEVICE_COOKIES, identityScope, scopedDigest } from "./scoped-digest.ts";

/**
 * What is received this long after somebody asked to be erased still counts as before. Until then some function may not
 * have heard of it, and clocks differ. Whoever comes back later is new.
 */
export const ERASURE_REACH_MS = 2 * MINUTE_MS;

/** As of when somebody is erased, epoch ms: what was received until then, and within the reach of it, is what goes. */
export function erasedAsOf(job: Pick<PrivacyJob, "created_at" | "graph_used_until">): number {
  return job.graph_used_until ?? job.created_at;
}

/** Until when what was received goes with an erasure, epoch ms. */
export function erasedUntil(job: Pick<PrivacyJob, "created_at" | "graph_used_until">): number {
  return erasedAsOf(job) + ERASURE_REACH_MS;
}

/** That somebody was erased lately: one item (pk `ERASURES`, sk `HEAD`) which tells whether tombstones must be asked. */
export interface ErasureHead {
  /** Keys the digests of tombstones. Random, and gone with the last of them: who has only tombstones cannot try addresses. */
  readonly secret: string;
  /** When the last one was asked for, epoch ms: what was received later needs no look. */
  readonly last_at: number;
  /** Until when something from before may still turn up anywhere, epoch ms. */
  readonly until: number;
}

/** The name of one identifier's tombstone (pk `ERASED#<name>`). */
export function tombstoneOf(key: string, { secret }: Pick<ErasureHead, "secret">): string {
  return createHmac("sha256", secret).update(key).digest("base64url").slice(0, 22);
}

/** Whether an event may be from before the last erasure, so that it has to be looked up. */
export function mayBeErased({ received_at }: Pick<CanonicalEvent, "received_at">, head: ErasureHead): boolean {
  return received_at <= head.last_at + ERASURE_REACH_MS;
}

/**
 * The keys by which an event can be of somebody who was erased: whom the graph took it, or a copy that is in it, to be of, and the account and the
 * contacts that it carries. A browser's or device's id counts only where nothing of that is there, since others may have
 * sat at it. The event must have its `hashes`, or be a lane's copy that has kept them.
 */
export function erasureKeys(event: CanonicalEvent): string[] {
  const { browser_ids: browser, hashes = {}, known, user } = event;
  const scope = identityScope(event);
  const { contact_scope: contacts = "" } = event.source;
  const named = [
    ...(known === undefined ? [] : [known.person_id, ...(known.other_person_ids ?? [])].map((id) => `person#${id}`)),
    opaque("user_id", scope, user.user_id),
    contact("email", contacts, hashes.email_plain),
    contact("email", contacts, sentDigest(user, "email")),
    contact("phone", contacts, hashes.phone_digits),
    contact("phone", contacts, sentDigest(user, "phone")),
  ].filter((key) => key !== undefined);
  if (named.length > 0) return [...new Set(named)];
  return [
    opaque("anonymous_id", scope, user.anonymous_id),
    ...DEVICE_COOKIES.map((cookie) => opaque(cookie, contacts, browser?.[cookie])),
  ].filter((key) => key !== undefined);
}

function opaque(kind: string, scope: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${kind}#${scopedDigest(scope, value)}`;
}

function contact(kind: "email" | "phone", scope: string, hash: string | undefined): string | undefined {
  return hash === undefined ? undefined : `${kind}#${contactDigest(scope, hash)}`;
}
