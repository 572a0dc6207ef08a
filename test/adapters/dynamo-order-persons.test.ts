import { createDynamoDeliveryStore } from "../../src/adapters/dynamo-delivery-store.ts";
import { createDynamoOrderPersons } from "../../src/adapters/dynamo-order-persons.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { orderPersonsSuite } from "../support/order-persons-suite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

orderPersonsSuite(async (now) => {
  const options = { client: dynalite.client, table: await dynalite.createTable(DELIVERY_TABLE), now };
  return {
    store: createDynamoDeliveryStore({ ...options, deliveryDays: 30, quarantineDays: 14 }),
    orders: createDynamoOrderPersons(options),
  };
});
