import { createMemoryDeliveryStore } from "../../../src/adapters/memory/delivery-store.ts";
import { createMemoryForgettableDeliveries } from "../../../src/adapters/memory/forgettable-deliveries.ts";
import { forgettableDeliveriesSuite } from "../../support/forgettable-deliveries-suite.ts";

forgettableDeliveriesSuite(async () => {
  const store = createMemoryDeliveryStore();
  return { store, deliveries: createMemoryForgettableDeliveries(store) };
});
