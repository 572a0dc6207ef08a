import { createHash, createHmac } from "node:crypto";
import type { CanonicalEvent } from "../../core/event.ts";
import { eventKey } from "../../core/event-key.ts";

/** Fewest key bytes that Standard Webhooks allows. */
const SHORTEST_KEY = 24;

/**
 * The signing key of a Standard Webhooks secret: the decoded bytes of `whsec_` + base64, never the text itself.
 * Undefined when it is not base64 or shorter than 24 bytes. Source: https://github.com/standard-webhooks
 */
export function signingKey(secret: string): Uint8Array | undefined {
  const text = secret.trim().replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const key = Buffer.from(text, "base64");
  return key.length >= SHORTEST_KEY ? key : undefined;
}

/**
 * `webhook-signature` over exactly these bytes: one `v1` signature per key, so that receivers that know only the old
 * or only the new secret both verify while it is rotated.
 */
export function signatureHeader(
  message: { id: string; timestampSeconds: number; body: string },
  keys: readonly Uint8Array[],
): string {
  const signed = `${message.id}.${message.timestampSeconds}.${message.body}`;
  return keys.map((key) => `v1,${createHmac("sha256", key).update(signed, "utf8").digest("base64")}`).join(" ");
}

/**
 * The receiver's idempotency key: the same for every attempt at this event in this lane, and without dots, which
 * separate the parts of the signed text.
 */
export function messageId(event: CanonicalEvent, lane: string): string {
  const { dedup_scope, event_name, custom_name, event_id } = eventKey(event);
  const key = JSON.stringify([lane, dedup_scope, event_name, custom_name ?? null, event_id]);
  return `msg_${createHash("sha256").update(key, "utf8").digest("hex").slice(0, 32)}`;
}
