import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { partitionKey } from "../core/delivery-record.ts";
import type { StoredEvent } from "../pipeline/trace.ts";
import { queryPages } from "./dynamo-query.ts";
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
      const query = {
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: pk } },
        ConsistentRead: true,
      };
      for await (const page of queryPages(client, query)) for (const item of page) addStoredItem(stored, item);
      return [...stored.values()];
    }),
  );
  return stories.flat();
}
