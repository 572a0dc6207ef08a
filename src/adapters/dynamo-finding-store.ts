import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DAY_MS, SECOND_MS } from "../core/durations.ts";
import type { Finding, FollowedFinding } from "../core/finding.ts";
import type { OpenFindings } from "../core/lasting-findings.ts";
import { utcDay } from "../core/utc-day.ts";
import type { FindingRow } from "../ops/contract/findings.ts";
import type { FindingStore } from "../pipeline/detect-ports.ts";
import { type Item, isTaken } from "./dynamo-client.ts";

/** Sort key of what a detector follows. */
const OPEN = "OPEN";

/** What the store needs; `retentionDays` counts from the period in which a finding was seen last. */
export interface DynamoFindingStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly retentionDays: number;
}

/**
 * Findings in the delivery table: pk `FINDING#<detector>#<subject>`, sk their beginning in ISO form, listed in the
 * `attention` index by the day on which they were seen last: what has lasted for weeks is news of today. What a detector
 * follows is one item of its own.
 */
export function createDynamoFindingStore({ client, retentionDays, table }: DynamoFindingStoreOptions): FindingStore {
  const expiresAfter = (at: number) => ({ N: String(Math.floor((at + retentionDays * DAY_MS) / SECOND_MS)) });
  return {
    async save({ began_at, ended_at, ...finding }, keptAt) {
      const { end } = finding.window;
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf({ ...finding, began_at }),
          UpdateExpression:
            "SET finding = :finding, attention = :attention, attention_at = :at, expires_at = :expires, " +
            "found_at = if_not_exists(found_at, :found), " +
            (ended_at === undefined ? "lasts = :lasts REMOVE ended_at" : "ended_at = :ended"),
          ExpressionAttributeValues: {
            ":finding": { S: JSON.stringify(finding satisfies Finding) },
            ":attention": { S: `FINDING#${utcDay(end)}` },
            ":at": { N: String(end) },
            ":expires": expiresAfter(end),
            ":found": { N: String(keptAt) },
            ...(ended_at === undefined ? { ":lasts": { BOOL: true } } : { ":ended": { N: String(ended_at) } }),
          },
        }),
      );
    },

    async end(finding, endedAt) {
      const write = new UpdateItemCommand({
        TableName: table,
        Key: keyOf(finding),
        UpdateExpression: "SET ended_at = :ended",
        // Its time may be over. What a write would leave of it would be listed nowhere, and never expire.
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":ended": { N: String(endedAt) } },
      });
      await isTaken(client.send(write));
    },

    async readOpen(detector) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: openKey(detector), ConsistentRead: true }),
      );
      return Item?.open?.S === undefined ? undefined : (JSON.parse(Item.open.S) as OpenFindings);
    },

    async saveOpen(detector, open) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: openKey(detector),
          UpdateExpression: "SET #open = :open, expires_at = :expires",
          ExpressionAttributeNames: { "#open": "open" },
          ExpressionAttributeValues: {
            ":open": { S: JSON.stringify(open) },
            ":expires": expiresAfter(open.judged_until),
          },
        }),
      );
    },
  };
}

/** A finding as people list it; none when the item is something else. */
export function findingOfItem({ ended_at, finding, found_at, lasts, sk }: Item): FindingRow[] {
  if (finding?.S === undefined || sk?.S === undefined) return [];
  const seen = JSON.parse(finding.S) as Finding;
  // One from before findings were followed is of its own hour: nobody would ever write down its end.
  const endedAt = ended_at?.N ?? (lasts === undefined ? seen.window.end : undefined);
  const ended = endedAt === undefined ? {} : { ended_at: Number(endedAt) };
  return [{ ...seen, began_at: Date.parse(sk.S), ...ended, found_at: Number(found_at?.N ?? 0) }];
}

function keyOf({ began_at, detector, subject }: Pick<FollowedFinding, "began_at" | "detector" | "subject">): Item {
  return { pk: { S: `FINDING#${detector}#${subject}` }, sk: { S: new Date(began_at).toISOString() } };
}

function openKey(detector: string): Item {
  return { pk: { S: `FINDING#${detector}` }, sk: { S: OPEN } };
}
