import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { EventStory } from "../core/delivery-record.ts";
import { MOST_EVENTS_OF_ORDER, NO_PURCHASERS, type OrderPersons, purchasersIn } from "../pipeline/order-persons.ts";
import { isOver, keyOf, orderKey } from "./delivery-items.ts";
import { batchGet, type Item } from "./dynamo-client.ts";
import { claimedStory } from "./stored-event-items.ts";

export interface DynamoOrderPersonsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Epoch ms: DynamoDB deletes an item days after its time, and from its time on it tells nothing. */
  readonly now: () => number;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Whose an order was, by the index `orders` of the delivery table: one query for the events of the order, and one
 * batched read of its purchases' stories, for the index holds keys only.
 */
export function createDynamoOrderPersons(options: DynamoOrderPersonsOptions): OrderPersons {
  const { client, table, now } = options;
  return {
    async purchasersOf(dedupScope, orderId) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "orders",
          KeyConditionExpression: "#order = :order",
          ExpressionAttributeNames: { "#order": "order" },
          ExpressionAttributeValues: { ":order": { S: orderKey(dedupScope, orderId) } },
          Limit: MOST_EVENTS_OF_ORDER + 1,
        }),
      );
      if (Items.length > MOST_EVENTS_OF_ORDER) return NO_PURCHASERS;
      const keys = Items.flatMap((entry): Item[] => {
        const { pk, sk } = entry;
        const isPurchase = keyOf(entry)?.event_name === "purchase";
        return isPurchase && pk !== undefined && sk !== undefined ? [{ pk, sk }] : [];
      });
      const stories: EventStory[] = [];
      await batchGet({ ...options, mayBeStale: true }, keys, (item) => {
        const claim = isOver(item, now()) ? undefined : claimedStory(item, dedupScope);
        if (claim !== undefined) stories.push(claim.story);
      });
      return purchasersIn(stories);
    },
  };
}
