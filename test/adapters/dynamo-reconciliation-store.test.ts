import { gunzipSync } from "node:zlib";
import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoReconciliationStore } from "../../src/adapters/dynamo-reconciliation-store.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { RECONCILED, reconciliationStoreSuite } from "../support/reconciliation-store-suite.ts";

let dynalite: Dynalite;

beforeAll(async () => {
  dynalite = await startDynalite();
});

afterAll(() => dynalite.close());

async function create() {
  const table = await dynalite.createTable(DELIVERY_TABLE);
  return { table, store: createDynamoReconciliationStore({ client: dynalite.client, table, deliveryDays: 30 }) };
}

reconciliationStoreSuite(async () => (await create()).store);

test("an account is one item under its hour, and lives as long as the receipts it speaks of", async () => {
  const { store, table } = await create();
  await store.save(RECONCILED);
  const { Items } = await dynalite.client.send(new ScanCommand({ TableName: table }));
  expect(Items).toEqual([
    {
      pk: { S: "RECONCILIATION#2026-11-23T13" },
      sk: { S: "HOUR" },
      account: { B: expect.any(Uint8Array) },
      expires_at: { N: String(RECONCILED.hour / 1_000 + 30 * 86_400) },
    },
  ]);
  const packed = Items?.[0]?.account?.B ?? new Uint8Array();
  expect(JSON.parse(gunzipSync(packed).toString())).toEqual(RECONCILED);
});

test("an account that an older version stored is read", async () => {
  const { store, table } = await create();
  const Item = {
    pk: { S: "RECONCILIATION#2026-11-23T13" },
    sk: { S: "HOUR" },
    account: { S: JSON.stringify(RECONCILED) },
  };
  await dynalite.client.send(new PutItemCommand({ TableName: table, Item }));
  expect(await store.read([RECONCILED.hour])).toEqual([RECONCILED]);
});
