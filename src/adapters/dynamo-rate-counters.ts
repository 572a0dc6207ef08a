import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { RATE_WINDOW_MS, type RateCounters } from "../pipeline/source-rates.ts";

/** Longest that a sender waits for a count, ms. Beyond it the request is answered as if there were no limit. */
const ADD_WITHIN_MS = 500;

/** Items are deleted by TTL some time after their window. */
const KEPT_SECONDS = 3_600;

export interface DynamoRateCountersOptions {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly table: string;
}

/**
 * Counts in the delivery table: pk `RATE#<source>`, sk `WINDOW#<start>`. One write that adds and answers the sum, so
 * that containers need not agree on anything. A write whose answer is lost has counted.
 */
export function createDynamoRateCounters({ client, table }: DynamoRateCountersOptions): RateCounters {
  return {
    async add(source, windowStart, events) {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk: { S: `RATE#${source}` }, sk: { S: `WINDOW#${windowStart}` } },
          UpdateExpression: "ADD #events :events SET #expires_at = :expires_at",
          ExpressionAttributeNames: { "#events": "events", "#expires_at": "expires_at" },
          ExpressionAttributeValues: {
            ":events": { N: String(events) },
            ":expires_at": { N: String(Math.ceil((windowStart + RATE_WINDOW_MS) / 1_000) + KEPT_SECONDS) },
          },
          ReturnValues: "UPDATED_NEW",
        }),
        { abortSignal: AbortSignal.timeout(ADD_WITHIN_MS) },
      );
      const sum = Number(Attributes?.events?.N);
      if (!Number.isFinite(sum)) throw new Error("the table answered a count without a sum");
      return sum;
    },
  };
}
