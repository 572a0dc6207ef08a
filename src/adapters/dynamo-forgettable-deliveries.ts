import { DeleteItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { type DeliveryAttempt, partitionKey, sortKeyPrefix } from "../core/delivery-record.ts";
import type { EventKey } from "../core/event-key.ts";
import { forgottenReceipt } from "../core/forgotten.ts";
import type { ForgettableDeliveries } from "../pipeline/privacy-ports.ts";
import { packAttempts, unpackAttempts } from "./attempt-text.ts";
import { mergeSortKey } from "./delivery-items.ts";
import { type Item, isTaken, runBounded } from "./dynamo-client.ts";
import { createDynamoEventLookups, type DynamoEventLookupsOptions } from "./dynamo-event-lookups.ts";
import { forgetClaim } from "./dynamo-forgotten-claim.ts";
import { queryPages } from "./dynamo-query.ts";
import { receiptIn } from "./receipt-items.ts";

/** Events under way at once. */
const PARALLEL_EVENTS = 10;
/** Rounds of reading again after a lane wrote the same receipt. */
const MAX_ROUNDS = 5;

/** The delivery table, seen from an erasure. Every item is changed only as it was read, so that no lane's write is lost. */
export function createDynamoForgettableDeliveries(options: DynamoEventLookupsOptions): ForgettableDeliveries {
  const { client, now, table } = options;
  const { listQuarantined, removeQuarantined } = createDynamoEventLookups(options);

  /** Answers whether there was something to take out. */
  async function forgetEvent(key: EventKey): Promise<boolean> {
    const hadStory = await forgetClaim(options, key);
    const Key = { pk: { S: partitionKey(key) }, sk: { S: mergeSortKey(key) } };
    const wasMerged = await isTaken(
      client.send(new DeleteItemCommand({ TableName: table, Key, ConditionExpression: "attribute_exists(pk)" })),
    );
    let hadWords = false;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const telling = (await receiptsOf(key)).filter(saysWhy);
      if (telling.length === 0) return hadStory || wasMerged || hadWords;
      hadWords = true;
      await Promise.all(telling.map((item) => forgetReceipt(key, item)));
    }
    throw new Error("a receipt kept changing while its person was to be forgotten");
  }

  async function receiptsOf(key: EventKey): Promise<Item[]> {
    const found: Item[] = [];
    const pages = queryPages(client, {
      TableName: table,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :receipts)",
      ExpressionAttributeValues: {
        ":pk": { S: partitionKey(key) },
        ":receipts": { S: `${sortKeyPrefix(key)}#DEST#` },
      },
      ConsistentRead: true,
    });
    for await (const page of pages) found.push(...page);
    return found;
  }

  async function forgetReceipt(key: EventKey, item: Item): Promise<void> {
    const { pk, sk, updated_at } = item;
    const record = receiptIn(item, key, sk?.S?.split("#DEST#")[1] ?? "");
    if (record === undefined || pk === undefined || sk === undefined || updated_at === undefined) return;
    const attempts = packAttempts(forgottenReceipt(record).attempts);
    const isNone = record.attempts.length === 0;
    await isTaken(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk, sk },
          UpdateExpression: `${isNone ? "" : "SET attempts = :attempts "}REMOVE reason`,
          ConditionExpression: "updated_at = :read",
          ExpressionAttributeValues: {
            ":read": updated_at,
            ...(isNone ? {} : { ":attempts": { S: attempts } }),
          },
        }),
      ),
    );
  }

  return {
    async forgetEvents(keys) {
      let forgotten = 0;
      await runBounded(keys, { atOnce: PARALLEL_EVENTS, now }, async (key) => {
        if (await forgetEvent(key)) forgotten += 1;
      });
      return forgotten;
    },
    listQuarantined,
    removeQuarantined,
  };
}

function saysWhy(item: Item): boolean {
  const attempts = item.attempts?.S;
  return item.reason !== undefined || (attempts !== undefined && unpackAttempts(attempts).some(hasReason));
}

function hasReason({ reason }: DeliveryAttempt): boolean {
  return reason !== undefined;
}
