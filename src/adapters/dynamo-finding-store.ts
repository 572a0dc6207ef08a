import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Finding } from "../core/finding.ts";
import type { FindingStore } from "../pipeline/detect-ports.ts";

const DAY_SECONDS = 86_400;

/** What the store needs; `retentionDays` counts from the hour that was judged. */
export interface DynamoFindingStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly retentionDays: number;
}

/**
 * Findings in the delivery table: pk `FINDING#<detector>#<subject>`, sk the judged hour in ISO form, listed by day in
 * the `attention` index. One unconditional write per finding, which says by what it replaced whether it was new.
 */
export function createDynamoFindingStore(options: DynamoFindingStoreOptions): FindingStore {
  return {
    async save(finding, foundAt) {
      const hour = new Date(finding.window.start).toISOString();
      const expiresAt = Math.floor(finding.window.end / 1000) + options.retentionDays * DAY_SECONDS;
      const { Attributes } = await options.client.send(
        new UpdateItemCommand({
          TableName: options.table,
          Key: { pk: { S: `FINDING#${finding.detector}#${finding.subject}` }, sk: { S: hour } },
          UpdateExpression:
            "SET finding = :finding, attention = :attention, attention_at = :at, expires_at = :expires, " +
            "found_at = if_not_exists(found_at, :found)",
          ExpressionAttributeValues: {
            ":finding": { S: JSON.stringify(finding satisfies Finding) },
            ":attention": { S: `FINDING#${hour.slice(0, 10)}` },
            ":at": { N: String(finding.window.start) },
            ":expires": { N: String(expiresAt) },
            ":found": { N: String(foundAt) },
          },
          ReturnValues: "UPDATED_OLD",
        }),
      );
      return Attributes?.found_at === undefined ? "new" : "known";
    },
  };
}
