import type { CanonicalEvent } from "../core/event.ts";
import { isPlaceholderOrder } from "../core/order-ids.ts";

/** Whose an order was, by the events that carried its id. */
export interface OrderPersons {
  /**
   * Ids of the persons that the purchases of this order were taken to be of, each once. Empty for an order that nobody is
   * known of, and for an id that more than `MOST_EVENTS_OF_ORDER` events carry: no order has so many.
   */
  purchasersOf(dedupScope: string, orderId: string): Promise<string[]>;
}

/** A purchase in two copies, its refunds in parts and changes of its state; a broken tag's id has thousands. */
export const MOST_EVENTS_OF_ORDER = 20;

/**
 * The order by which the person of an event is looked for, when nothing else of it leads to one; undefined where it is
 * not. Only servers are believed: with a public key anybody could take another's order number, and have an ad's click of
 * their own counted as that person's.
 */
export function orderToLookUp({ order_id: orderId, source }: CanonicalEvent): string | undefined {
  return source.kind !== "server" || orderId === undefined || isPlaceholderOrder(orderId) ? undefined : orderId;
}
