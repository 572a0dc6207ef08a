import type { ForgettableDeliveries } from "../../pipeline/privacy-ports.ts";
import type { MemoryDeliveryStore } from "./delivery-store.ts";

/** The delivery table in memory, seen from an erasure. */
export function createMemoryForgettableDeliveries(store: MemoryDeliveryStore): ForgettableDeliveries {
  return {
    async forgetEvents(keys) {
      return store.forgetEvents(keys);
    },
    async listQuarantined({ day, from, limit, until }) {
      return store
        .quarantined()
        .filter(({ received_at: at }) => new Date(at).toISOString().startsWith(day) && at >= from && at <= until)
        .sort((a, b) => b.received_at - a.received_at)
        .slice(0, limit);
    },
    async removeQuarantined(entry) {
      return store.removeQuarantined(entry);
    },
  };
}
