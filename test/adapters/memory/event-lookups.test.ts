import { createMemoryDeliveryStore } from "../../../src/adapters/memory/delivery-store.ts";
import { createMemoryEventLookups } from "../../../src/adapters/memory/event-lookups.ts";
import { eventLookupsSuite } from "../../support/event-lookups-suite.ts";

eventLookupsSuite(async (now) => {
  const store = createMemoryDeliveryStore({ now, deliveryDays: 30 });
  return { store, lookups: createMemoryEventLookups(store) };
});
