import { MOST_EVENTS_OF_ORDER, NO_PURCHASERS, type OrderPersons, purchasersIn } from "../../pipeline/order-persons.ts";
import type { MemoryDeliveryStore } from "./delivery-store.ts";

/** Whose an order was, by the claims of a delivery table in memory. */
export function createMemoryOrderPersons(store: Pick<MemoryDeliveryStore, "claims" | "readStory">): OrderPersons {
  return {
    async purchasersOf(dedupScope, orderId) {
      const ofOrder = store.claims().filter(({ key, order }) => order === orderId && key.dedup_scope === dedupScope);
      if (ofOrder.length > MOST_EVENTS_OF_ORDER) return NO_PURCHASERS;
      const purchases = ofOrder.filter(({ key, isOver }) => key.event_name === "purchase" && !isOver);
      const stories = await Promise.all(purchases.map(({ key }) => store.readStory(key.event_id, [dedupScope])));
      return purchasersIn(
        stories.flat().flatMap(({ name, claim }) => (name === "purchase" && claim !== undefined ? claim.story : [])),
      );
    },
  };
}
