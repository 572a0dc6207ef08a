import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { partitionKey } from "../core/delivery-record.ts";
import type { StoredEvent } from "../pipeline/trace.ts";
import type { Item } from "./dynamo-client.ts";
import { addStoredItem } from "./stored-event-items.ts";

/** Everything that the delivery table holds about an event id in these scopes: one query each. */
export async function readStoryItems(
  client: DynamoDBClient,
  table: string,
  eventId: string,
  scopes: readonly string[],
): Promise<StoredEvent[]> {
  const stories = await Promise.all(
    [...new Set(scopes)].map(async (scope) => {
      const pk = partitionKey({ dedup_scope: scope, event_id: eventId });
      const stored = new Map<string, StoredEvent>();
      for await (const item of queryAll(client, table, pk)) addStoredItem(stored, item);
      return [...stored.values()];
    }),
  );
  return stories.flat();
}

async function* queryAll(client: DynamoDBClient, table: string, pk: string): AsyncGenerator<Item> {
  let from: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: pk } },
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}
