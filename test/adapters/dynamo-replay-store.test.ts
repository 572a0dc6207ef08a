import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoReplayStore } from "../../src/adapters/dynamo-replay-store.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { replayJob, replayStoreSuite } from "../support/replay-store-suite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

replayStoreSuite(async () => {
  const table = await dynalite.createTable(DELIVERY_TABLE);
  return createDynamoReplayStore({ client: dynalite.client, table, days: 30 });
});

test("a job is deleted some time after its last change", async () => {
  const { client } = dynalite;
  const table = await dynalite.createTable(DELIVERY_TABLE);
  const store = createDynamoReplayStore({ client, table, days: 2 });
  const job = replayJob();
  await store.save(job);
  const Key = { pk: { S: "REPLAY#job-1" }, sk: { S: "JOB" } };
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
  expect(Item?.expires_at?.N).toBe(String(job.updated_at / 1_000 + 2 * 86_400));
});
