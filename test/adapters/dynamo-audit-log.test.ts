import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoAuditLog } from "../../src/adapters/dynamo-audit-log.ts";
import { chainEntry, checkAudit } from "../../src/core/audit.ts";
import { auditLogSuite, PAUSED } from "../support/audit-log-suite.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";

let dynalite: Dynalite;
let table: string;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function create() {
  table = await dynalite.createTable(DELIVERY_TABLE);
  return createDynamoAuditLog({ client: dynalite.client, table });
}

auditLogSuite(create);

async function remove(number: number): Promise<void> {
  const Key = { pk: { S: "AUDIT" }, sk: { S: String(number).padStart(12, "0") } };
  await dynalite.client.send(new DeleteItemCommand({ TableName: table, Key }));
}

async function verdict(log: Awaited<ReturnType<typeof create>>) {
  const head = await log.head();
  const check = checkAudit(head === undefined ? [] : [head]);
  for (const entry of await log.read(1, 100)) check.add(entry);
  return check.end();
}

test("an end that was removed shows, and goes on showing after more was written", async () => {
  const log = await create();
  for (let n = 0; n < 4; n += 1) await log.append(PAUSED);
  await remove(4);
  await remove(3);
  expect(await verdict(log)).toMatchObject({ broken_at: 3 });
  expect(await log.append(PAUSED)).toMatchObject({ number: 5 });
  expect(await verdict(log)).toMatchObject({ broken_at: 3, problem: "entry 3 is missing" });
});

test("an entry whose writer died before the head was noted is part of the chain", async () => {
  const log = await create();
  const first = await log.append(PAUSED);
  const second = chainEntry(first, PAUSED);
  const Item = {
    pk: { S: "AUDIT" },
    sk: { S: "000000000002" },
    entry: { S: JSON.stringify(second) },
  };
  await dynalite.client.send(new PutItemCommand({ TableName: table, Item }));
  expect(await log.append(PAUSED)).toMatchObject({ number: 3, previous: second.digest });
  expect(await verdict(log)).toMatchObject({ entries: 3 });
});

test("an entry that cannot be stored is an error, not a silence", async () => {
  const client = { send: async () => Promise.reject(new Error("throttled")) } as unknown as DynamoDBClient;
  await expect(createDynamoAuditLog({ client, table: "any" }).append(PAUSED)).rejects.toThrow("throttled");
});
