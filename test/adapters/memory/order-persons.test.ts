import { createMemoryDeliveryStore } from "../../../src/adapters/memory/delivery-store.ts";
import { createMemoryOrderPersons } from "../../../src/adapters/memory/order-persons.ts";
import { orderPersonsSuite } from "../../support/order-persons-suite.ts";

orderPersonsSuite(async (now) => {
  const store = createMemoryDeliveryStore({ now, deliveryDays: 30 });
  return { store, orders: createMemoryOrderPersons(store) };
});
