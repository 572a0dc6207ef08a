import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { sortKeyPrefix } from "../core/delivery-record.ts";
import { DAY_MS } from "../core/durations.ts";
import { EVENT_NAMES, type EventName } from "../core/event.ts";
import type { EventKey } from "../core/event-key.ts";
import type { Item } from "./dynamo-client.ts";

/** Keys and lifetimes of the delivery table's items; what they hold is described in `delivery-record.ts`. */

/** Copies that one claim remembers: beyond it a loop at a sender would grow the item, and its price, without end. */
export const MAX_COPIES = 50;

/**
 * Life of what later copies brought, days: 13 at most on a lane's queue, and 14 on its dead-letter queue. A redriven
 * event without them would be sent although the other copy refused.
 */
export const COPY_DAYS = 28;

const DAY_SECONDS = DAY_MS / 1_000;

/** Key of the index `orders`: an order id means something only within its dedup scope. */
export function orderKey(dedupScope: string, orderId: string): string {
  return `${dedupScope}#${orderId}`;
}

/** Where an event's claim and story are. */
export function eventSortKey(key: EventKey): string {
  return `${sortKeyPrefix(key)}#EVENT`;
}

/** Where the state of an event at one lane is. */
export function receiptSortKey(key: EventKey, lane: string): string {
  return `${sortKeyPrefix(key)}#DEST#${lane}`;
}

/** Where what later copies add is kept; see `copy-items.ts`. */
export function mergeSortKey(key: EventKey): string {
  return `${sortKeyPrefix(key)}#MERGE`;
}

/** TTL attribute: epoch seconds, this many days after `fromMs`. */
export function expiresAt(fromMs: number, days: number): AttributeValue.NMember {
  return { N: String(Math.floor(fromMs / 1_000) + days * DAY_SECONDS) };
}

/** DynamoDB deletes an item days after its time; from its time on it holds nothing. */
export function isOver(item: Item, nowMs: number): boolean {
  return Number(item.expires_at?.N ?? 0) <= nowMs / 1_000;
}

/** A scope never holds `#` (the config refuses it), so the first one ends it; the rest of `pk` is the sender's id. */
export function partsOf(item: Item): { scope?: string; id: string; name?: string } {
  const pk = item.pk?.S ?? "";
  const hash = pk.indexOf("#");
  const name = item.sk?.S?.split("#")[0];
  if (hash === -1 || name === undefined) return { id: pk };
  return { scope: pk.slice(0, hash), id: pk.slice(hash + 1), name };
}

/** The event that an item is of; undefined for what is no event's, and for names that this version does not know. */
export function keyOf(item: Item): EventKey | undefined {
  const { scope, id, name } = partsOf(item);
  if (scope === undefined || name === undefined) return undefined;
  if (name.startsWith("custom:")) {
    const custom_name = name.slice("custom:".length).replaceAll("%23", "#");
    return { dedup_scope: scope, event_name: "custom", custom_name, event_id: id };
  }
  if (!(EVENT_NAMES as readonly string[]).includes(name)) return undefined;
  return { dedup_scope: scope, event_name: name as EventName, event_id: id };
}
