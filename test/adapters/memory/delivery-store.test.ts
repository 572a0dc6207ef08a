import { createMemoryDeliveryStore } from "../../../src/adapters/memory/delivery-store.ts";
import { deliveryStoreSuite, KEY, receipt } from "../../support/delivery-store-suite.ts";

deliveryStoreSuite(async (now) => createMemoryDeliveryStore({ now, deliveryDays: 30 }));

test("a caller that changes what it wrote or read does not change the store", async () => {
  const store = createMemoryDeliveryStore();
  const written = receipt();
  await store.writeRecords([written]);
  written.state = "rejected";
  const [read] = await store.readRecords("meta", [KEY]);
  read?.attempts.pop();
  expect(await store.readRecords("meta", [KEY])).toEqual([receipt()]);
});
