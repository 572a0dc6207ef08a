import { type AttributeValue, type DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { LaneReadBack } from "../core/quality-read-back.ts";
import type { ReadBackStore } from "../pipeline/read-back-ports.ts";
import { batchGet, isTaken } from "./dynamo-client.ts";

/** Where read-backs are: the delivery table. */
export interface DynamoReadBacksOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Read-backs in the delivery table: pk `QUALITY#<lane>`, sk `READ_BACK`, one item each, which never expires. */
export function createDynamoReadBacks({ client, table }: DynamoReadBacksOptions): ReadBackStore {
  return {
    async read(lanes) {
      const found = new Map<string | undefined, LaneReadBack>();
      const keys = [...new Set(lanes)].map(keyOf);
      await batchGet({ client, table, mayBeStale: true }, keys, ({ pk, read_back }) => {
        if (read_back?.S !== undefined) found.set(pk?.S, JSON.parse(read_back.S) as LaneReadBack);
      });
      return lanes.map((lane) => found.get(keyOf(lane).pk.S));
    },

    take: (lane, now, leaseMs) =>
      isTaken(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(lane),
            UpdateExpression: "SET lease_until = :until",
            ConditionExpression:
              "(attribute_not_exists(next_at) OR next_at <= :now) AND (attribute_not_exists(lease_until) OR lease_until <= :now)",
            ExpressionAttributeValues: { ":until": { N: String(now + leaseMs) }, ":now": { N: String(now) } },
          }),
        ),
      ),

    async save(readBack) {
      const Item = {
        ...keyOf(readBack.lane),
        next_at: { N: String(readBack.next_at) },
        read_back: { S: JSON.stringify(readBack) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
  };
}

function keyOf(lane: string): { pk: AttributeValue.SMember; sk: AttributeValue.SMember } {
  return { pk: { S: `QUALITY#${lane}` }, sk: { S: "READ_BACK" } };
}
