import type { CanonicalEvent } from "../../core/event.ts";
import { sha256Hex } from "../../core/hashing.ts";
import { idInClear } from "../../core/id-in-clear.ts";

/** Awin cuts references there, and two orders of one reference are one. */
const LONGEST = 50;
const KEPT = 33;
const DIGEST = 16;

/**
 * What Awin knows the order by and drops copies by: the order id, else the lead's, else the event's. The same on every
 * attempt. One that Awin would cut or not take is shortened to its beginning and a part of its digest.
 */
export function orderReference(event: CanonicalEvent): string {
  const id = [event.order_id, event.lead_id].find((given) => given !== undefined && given.trim() !== "");
  const reference = idInClear(id ?? event.event_id).trim();
  if (reference.length <= LONGEST && !reference.includes("|")) return reference;
  const beginning = [...reference.replaceAll("|", "-")].slice(0, KEPT).join("");
  return `${beginning}-${sha256Hex(reference).slice(0, DIGEST)}`;
}
