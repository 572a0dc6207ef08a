import type { EventStory } from "../core/delivery-record.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { isPlaceholderOrder } from "../core/order-ids.ts";

/** What the purchases of an order say of who bought, each value once. */
export interface Purchasers {
  /** Ids of the persons that they were taken to be of. */
  readonly ids: readonly string[];
  /** Where they may belong to by law, as `placesOf` told it: silence of the buyer means what it meant then. */
  readonly places: readonly string[];
}

/** Whose an order was, by the events that carried its id. */
export interface OrderPersons {
  /**
   * Nobody for an order that is not known, and for an id that more than `MOST_EVENTS_OF_ORDER` events carry: no order has
   * so many.
   */
  purchasersOf(dedupScope: string, orderId: string): Promise<Purchasers>;
}

/** Of an order that nobody is known of. */
export const NO_PURCHASERS: Purchasers = { ids: [], places: [] };

/** What the claims of purchases tell together. */
export function purchasersIn(stories: readonly EventStory[]): Purchasers {
  return {
    ids: [...new Set(stories.flatMap(({ identity }) => identity.person_id ?? []))],
    places: [...new Set(stories.flatMap(({ consent }) => consent?.places ?? []))],
  };
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
