import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoLaneControls } from "../../src/adapters/dynamo-lane-controls.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { laneControlsSuite, STOPPED } from "../support/lane-controls-suite.ts";

let dynalite: Dynalite;
let table: string;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function create() {
  table = await dynalite.createTable(DELIVERY_TABLE);
  return createDynamoLaneControls({ client: dynalite.client, table });
}

laneControlsSuite(create);

const KEY = { pk: { S: "LANE#meta" }, sk: { S: "CONTROL" } };

test("one item, which does not expire: a lane that somebody paused stays paused", async () => {
  await (await create()).save(STOPPED);
  const { Item } = await dynalite.client.send(new GetItemCommand({ TableName: table, Key: KEY }));
  expect(Item).toEqual({ ...KEY, version: { N: "1" }, control: { S: JSON.stringify(STOPPED) } });
});

test("an item that is broken is an error, not a control", async () => {
  const store = await create();
  const Item = { ...KEY, version: { N: "1" }, control: { S: "{" } };
  await dynalite.client.send(new PutItemCommand({ TableName: table, Item }));
  await expect(store.read(["meta"])).rejects.toThrow();
});

test("a table that is not there is an error, not a lost race", async () => {
  const store = createDynamoLaneControls({ client: dynalite.client, table: "no-such-table" });
  await expect(store.save(STOPPED)).rejects.toThrow();
});
