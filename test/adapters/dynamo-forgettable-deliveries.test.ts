import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoDeliveryStore } from "../../src/adapters/dynamo-delivery-store.ts";
import { createDynamoEventLookups } from "../../src/adapters/dynamo-event-lookups.ts";
import { createDynamoForgettableDeliveries } from "../../src/adapters/dynamo-forgettable-deliveries.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { forgettableDeliveriesSuite } from "../support/forgettable-deliveries-suite.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function world() {
  const { client } = dynalite;
  const options = { client, table: await dynalite.createTable(DELIVERY_TABLE), now: () => NOW };
  return {
    ...options,
    store: createDynamoDeliveryStore({ ...options, deliveryDays: 30, quarantineDays: 14 }),
    deliveries: createDynamoForgettableDeliveries(options),
  };
}

forgettableDeliveriesSuite(world);

test("the order does not lead to the event any more, and no attribute of the partition names anybody", async () => {
  const { client, deliveries, now, store, table } = await world();
  const key = { dedup_scope: "shop", event_name: "purchase", event_id: "e1" } as const;
  await store.claim(key, "c1", {
    event_id_origin: "order_id",
    event_time: NOW,
    received_at: NOW,
    source: { id: "web", kind: "browser", dialect: "tracklayer", dedup_scope: "shop" },
    order_id: "order-77",
    carried: [],
    identity: { person_id: "ann", filled: [], learned: [] },
    decisions: [],
  });
  await store.writeRecords([
    { key, lane: "meta", state: "retry", attempts: [], attempt_count: 0, updated_at: NOW, reason: "of ann" },
  ]);
  const lookups = createDynamoEventLookups({ client, table, now });
  expect(await lookups.eventsOfOrder("shop", "order-77")).toEqual([key]);
  await deliveries.forgetEvents([key]);
  expect(await lookups.eventsOfOrder("shop", "order-77")).toEqual([]);
  const values = { ":pk": { S: "shop#e1" } };
  const query = { TableName: table, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: values };
  const { Items } = await client.send(new QueryCommand(query));
  expect(Items).toHaveLength(2);
  expect(JSON.stringify(Items)).not.toMatch(/ann|order-77/);
});
