import type { TableModel } from "../src/model.ts";
import { Tables } from "../src/tables.ts";

const NOW = Date.parse("2026-03-01T10:00:00Z");
const MODEL: TableModel = {
  logicalId: "Items",
  name: "items",
  arn: "arn:aws:dynamodb:us-east-1:000000000000:table/items",
  keySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  attributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  globalSecondaryIndexes: [],
  ttlAttribute: "expires_at",
};

let tables: Tables;
beforeEach(async () => {
  tables = await Tables.open([MODEL]);
});
afterEach(() => tables.close());

const put = (pk: string, seconds?: number) =>
  tables.call("PutItem", {
    TableName: "items",
    Item: { pk: { S: pk }, ...(seconds === undefined ? {} : { expires_at: { N: String(seconds) } }) },
  });
const keys = async () => {
  const { output } = await tables.call("Scan", { TableName: "items" });
  return (output.Items as { pk: { S: string } }[]).map(({ pk }) => pk.S).sort();
};

test("expired items go when swept, page by page, and only those", async () => {
  for (let index = 0; index < 5; index += 1) await put(`old-${index}`, NOW / 1000 - 1);
  await put("milliseconds", NOW);
  await put("future", NOW / 1000 + 60);
  await put("forever");
  expect(await keys()).toHaveLength(8);
  let deleted = 0;
  for (let page = 0; page < 5; page += 1) deleted += await tables.sweep(NOW, 2);
  expect(deleted).toBe(5);
  expect(await keys()).toEqual(["forever", "future", "milliseconds"]);
});

test("reads cost by 4 KB and half when eventually consistent, writes by 1 KB", async () => {
  const Item = { pk: { S: "big" }, body: { S: "x".repeat(5000) } };
  expect(await tables.call("PutItem", { TableName: "items", Item })).toEqual({
    output: {},
    readUnits: 0,
    writeUnits: 5,
  });
  const get = (more: object) => tables.call("GetItem", { TableName: "items", Key: { pk: Item.pk }, ...more });
  expect(await get({})).toMatchObject({ readUnits: 1, writeUnits: 0 });
  expect(await get({ ConsistentRead: true })).toMatchObject({ readUnits: 2, writeUnits: 0 });
  const batch = { RequestItems: { items: { Keys: [{ pk: Item.pk }, { pk: { S: "none" } }] } } };
  const answer = await tables.call("BatchGetItem", batch);
  expect(answer.readUnits).toBe(1.5);
  expect(answer.output.ConsumedCapacity).toBeUndefined();
});

test("one of many who claim at once wins", async () => {
  const claim = (me: string) =>
    tables.call("UpdateItem", {
      TableName: "items",
      Key: { pk: { S: "claim" } },
      UpdateExpression: "SET claimed_by = if_not_exists(claimed_by, :me) ADD copies :set",
      ExpressionAttributeValues: { ":me": { S: me }, ":set": { SS: [me] } },
      ReturnValues: "ALL_NEW",
    });
  const answers = await Promise.all(["a", "b", "c"].map(claim));
  const owners = answers.map(({ output }) => (output.Attributes as { claimed_by: { S: string } }).claimed_by.S);
  expect(new Set(owners).size).toBe(1);
  const { output } = await tables.call("GetItem", { TableName: "items", Key: { pk: { S: "claim" } } });
  expect((output.Item as { copies: { SS: string[] } }).copies.SS.toSorted()).toEqual(["a", "b", "c"]);
});

test("DynamoDB's refusals keep their names", async () => {
  await expect(tables.call("GetItem", { TableName: "nowhere", Key: { pk: { S: "a" } } })).rejects.toMatchObject({
    code: "ResourceNotFoundException",
  });
  await expect(tables.call("PutItem", { TableName: "items", Item: {} })).rejects.toMatchObject({
    code: "ValidationException",
  });
});
