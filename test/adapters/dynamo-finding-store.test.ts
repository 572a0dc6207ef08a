import { QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoFindingStore, findingOfItem } from "../../src/adapters/dynamo-finding-store.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { FINDING, FOLLOWED, findingStoreSuite } from "../support/finding-store-suite.ts";

const LAST = Date.parse("2026-11-25T08:00:00Z");

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

findingStoreSuite(async () => ({
  store: await create(),
  async list() {
    const { Items = [] } = await dynalite.client.send(new ScanCommand({ TableName: table }));
    return Items.flatMap(findingOfItem);
  },
}));

test("one item per finding: first time, latest numbers, listed under the day on which it was seen last, gone in its time", async () => {
  const store = await create();
  const latest = { ...FINDING, window: { start: LAST, end: LAST + HOUR_MS }, observed: 6 };
  await store.save(FOLLOWED, 1000);
  await store.save({ ...latest, began_at: FOLLOWED.began_at }, 2000);
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
      finding: { S: JSON.stringify(latest) },
      found_at: { N: "1000" },
      lasts: { BOOL: true },
      attention: { S: "FINDING#2026-11-25" },
      attention_at: { N: String(LAST + HOUR_MS) },
      expires_at: { N: String(Date.parse("2026-12-25T09:00:00Z") / 1000) },
    },
  ]);
  const byDay = await dynalite.client.send(
    new QueryCommand({
      TableName: table,
      IndexName: "attention",
      KeyConditionExpression: "attention = :day",
      ExpressionAttributeValues: { ":day": { S: "FINDING#2026-11-25" } },
    }),
  );
  expect(byDay.Items).toHaveLength(1);
});

test("the end of what is kept no longer writes no item, which would be listed nowhere and never expire", async () => {
  const store = await create();
  await store.end(FOLLOWED, LAST);
  const { Items } = await dynalite.client.send(new ScanCommand({ TableName: table }));
  expect(Items).toEqual([]);
});

test("one of each hour, as findings were kept once, does not last for ever: it ended with its hour", () => {
  const item = { sk: { S: "2026-11-23T13:00:00.000Z" }, finding: { S: JSON.stringify(FINDING) }, found_at: { N: "1" } };
  expect(findingOfItem(item)).toEqual([{ ...FOLLOWED, ended_at: FINDING.window.end, found_at: 1 }]);
});
