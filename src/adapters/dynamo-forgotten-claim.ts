import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { partitionKey } from "../core/delivery-record.ts";
import type { EventKey } from "../core/event-key.ts";
import { forgottenStory, isForgotten } from "../core/forgotten.ts";
import { copyAttributes } from "./copy-items.ts";
import { eventSortKey, mergeSortKey } from "./delivery-items.ts";
import { type Item, isTaken } from "./dynamo-client.ts";
import { packStory, unpackStory } from "./story-text.ts";

/** A table with claims in it. */
export interface ClaimsTable {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Rounds of reading again after a copy of the event changed its claim. */
const MAX_ROUNDS = 5;

/**
 * Takes out of a claim whose event it was, and out of the index of orders. Answers whether there was anything to take
 * out. The claim itself stays.
 */
export async function forgetClaim({ client, table }: ClaimsTable, key: EventKey): Promise<boolean> {
  const Key: Item = { pk: { S: partitionKey(key) }, sk: { S: eventSortKey(key) } };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { Item: item = {} } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    const { order, story } = item;
    if (story?.S === undefined) return false;
    const told = unpackStory(story.S, key.dedup_scope);
    if (isForgotten(told) && order === undefined) return false;
    const write = client.send(
      new UpdateItemCommand({
        TableName: table,
        Key,
        UpdateExpression: "SET story = :forgotten REMOVE #order",
        ConditionExpression: "story = :read",
        ExpressionAttributeNames: { "#order": "order" },
        ExpressionAttributeValues: { ":forgotten": { S: packStory(forgottenStory(told)) }, ":read": story },
      }),
    );
    if (await isTaken(write)) return true;
  }
  throw new Error("a claim kept changing while its person was to be forgotten");
}

/** Takes out what the copy of one source brought to an event that waited for it. */
export async function forgetCopy({ client, table }: ClaimsTable, key: EventKey, source: string): Promise<void> {
  const names = Object.entries(copyAttributes(source)).map(([part, name]) => [`#${part}`, name] as const);
  await isTaken(
    client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: partitionKey(key) }, sk: { S: mergeSortKey(key) } },
        UpdateExpression: `REMOVE ${names.map(([name]) => name).join(", ")}`,
        // Without it there would be an item where there was none.
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: Object.fromEntries(names),
      }),
    ),
  );
}
