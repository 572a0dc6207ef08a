import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoOpsKeys } from "../../src/adapters/dynamo-ops-keys.ts";
import { createOpsKey } from "../../src/ops/ops-key.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { KEYS_NOW, opsKeysSuite } from "../support/ops-keys-suite.ts";

let dynalite: Dynalite;
let table: string;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function create() {
  table = await dynalite.createTable(DELIVERY_TABLE);
  return createDynamoOpsKeys({ client: dynalite.client, table, now: () => KEYS_NOW });
}

opsKeysSuite(create);

test("the stored item holds no part of the secret, and ends by the table's own clock", async () => {
  const store = await create();
  const { key } = await createOpsKey(
    {
      id: "abcdefghijkl",
      secret: new Uint8Array(32).fill(7),
      label: "on call",
      permissions: ["read"],
      by: "test",
      now: KEYS_NOW,
      expiresAt: KEYS_NOW + 1_500,
    },
    store,
  );
  const Key = { pk: { S: "OPSKEY#abcdefghijkl" }, sk: { S: "KEY" } };
  const { Item } = await dynalite.client.send(new GetItemCommand({ TableName: table, Key }));
  expect(JSON.stringify(Item)).not.toContain(key.split("_")[2]);
  expect(Item?.expires_at).toEqual({ N: String(KEYS_NOW / 1000 + 1) });
});
