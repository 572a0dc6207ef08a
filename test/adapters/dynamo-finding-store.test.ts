import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoFindingStore } from "../../src/adapters/dynamo-finding-store.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { FINDING, findingStoreSuite } from "../support/finding-store-suite.ts";

let dynalite: Dynalite;
let table: string;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function create() {
  table = await dynalite.createTable(DELIVERY_TABLE);
  return createDynamoFindingStore({ client: dynalite.client, table, retentionDays: 30 });
}

findingStoreSuite(create);

test("one item per finding: first time, latest numbers, listed under its day, gone in its time", async () => {
  const store = await create();
  await store.save(FINDING, 1000);
  await store.save({ ...FINDING, observed: 6 }, 2000);
  const byKey = await dynalite.client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: "FINDING#volume_drop#key_event/purchase" } },
    }),
  );
  expect(byKey.Items).toEqual([
    {
      pk: { S: "FINDING#volume_drop#key_event/purchase" },
      sk: { S: "2026-11-23T13:00:00.000Z" },
      finding: { S: JSON.stringify({ ...FINDING, observed: 6 }) },
      found_at: { N: "1000" },
      attention: { S: "FINDING#2026-11-23" },
      attention_at: { N: String(FINDING.window.start) },
      expires_at: { N: String(Date.parse("2026-12-23T14:00:00Z") / 1000) },
    },
  ]);
  const byDay = await dynalite.client.send(
    new QueryCommand({
      TableName: table,
      IndexName: "attention",
      KeyConditionExpression: "attention = :day",
      ExpressionAttributeValues: { ":day": { S: "FINDING#2026-11-23" } },
    }),
  );
  expect(byDay.Items).toHaveLength(1);
});
