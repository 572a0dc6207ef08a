import { GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { type ClaimResult, partitionKey, type QuarantinedEvent } from "../core/delivery-record.ts";
import type { DeliveryStore } from "../pipeline/ports.ts";
import type { StoryReader } from "../pipeline/trace.ts";
import { eventSortKey, expiresAt, isOver, MAX_COPIES, orderKey } from "./delivery-items.ts";
import { type Item, isConditionFailure } from "./dynamo-client.ts";
import { createDynamoCopies } from "./dynamo-copies.ts";
import { forgetClaim, forgetCopy } from "./dynamo-forgotten-claim.ts";
import { createDynamoLaterCopies } from "./dynamo-later-copies.ts";
import { createDynamoReceipts, type DynamoReceiptsOptions } from "./dynamo-receipts.ts";
import { readStoryItems } from "./dynamo-story.ts";
import { quarantineItem } from "./quarantine-items.ts";
import { claimedStory } from "./stored-event-items.ts";
import { packStory } from "./story-text.ts";

export interface DynamoDeliveryStoreOptions extends DynamoReceiptsOptions {
  readonly quarantineDays: number;
}

/**
 * Claims, receipts and quarantine on one table. Nothing here relies on `ReturnValuesOnConditionCheckFailure`, which
 * emulators lack: the claim learns the owner from the values that a successful write returns.
 */
export function createDynamoDeliveryStore(options: DynamoDeliveryStoreOptions): DeliveryStore & StoryReader {
  const { client, table, deliveryDays, now } = options;
  return {
    ...createDynamoReceipts(options),
    ...createDynamoCopies(options),
    ...createDynamoLaterCopies(options),

    async claim(key, copyId, story) {
      const Key: Item = { pk: { S: partitionKey(key) }, sk: { S: eventSortKey(key) } };
      const ofMine: Item = {
        ":me": { S: copyId },
        ":story": { S: packStory(story) },
        // From now and not from when it came: an event that waited long on a queue must not be claimed for no time.
        ":expires": expiresAt(Math.max(now(), story.received_at), deliveryDays),
        ":copy": { SS: [copyId] },
        ...(story.order_id === undefined ? {} : { ":order": { S: orderKey(key.dedup_scope, story.order_id) } }),
      };
      const update = (input: ClaimExpressions, values: Item) => claimItem(options, { Key, ...input }, values);
      const hasOrder = story.order_id !== undefined;
      const first = await update(joinClaim(hasOrder), { ...ofMine, ":most": { N: String(MAX_COPIES) } });
      // Full of copies and owned by another: a duplicate, which still wants to know of the first copy.
      const joined = first ?? (await readItem(options, Key));
      const isFree = isOver(joined, now()) && joined.claimed_by?.S !== copyId;
      if (!isFree) return claimResult(joined, copyId, key.dedup_scope);
      const replaced = await update(replaceClaim(hasOrder), { ...ofMine, ":over": joined.expires_at ?? { N: "0" } });
      // Not replaced: another copy was faster, and owns it now.
      return claimResult(replaced ?? (await readItem(options, Key)), copyId, key.dedup_scope);
    },

    async quarantine(entry: QuarantinedEvent) {
      await client.send(new PutItemCommand({ TableName: table, Item: quarantineItem(entry, options.quarantineDays) }));
    },

    async forget(key, source) {
      await forgetClaim(options, key);
      await forgetCopy(options, key, source);
    },

    readStory: (eventId, scopes) => readStoryItems(client, table, eventId, scopes),
  };
}

interface ClaimExpressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
}

/**
 * `order` puts the event into the index `orders`, for one more write unit. A copy may bring the order id that the first one lacked: whoever asks for the order means this event too.
 */
function joinClaim(hasOrder: boolean): ClaimExpressions {
  return {
    UpdateExpression:
      "SET claimed_by = if_not_exists(claimed_by, :me), story = if_not_exists(story, :story), " +
      `expires_at = if_not_exists(expires_at, :expires)${hasOrder ? ", #order = if_not_exists(#order, :order)" : ""} ADD copies :copy`,
    ConditionExpression: "attribute_not_exists(pk) OR claimed_by = :me OR size(copies) < :most",
    ...(hasOrder ? ORDER_NAME : {}),
  };
}

function replaceClaim(hasOrder: boolean): ClaimExpressions {
  return {
    UpdateExpression:
      "SET claimed_by = :me, story = :story, expires_at = :expires, copies = :copy" +
      (hasOrder ? ", #order = :order" : " REMOVE #order"),
    ConditionExpression: "attribute_not_exists(pk) OR expires_at = :over",
    ...ORDER_NAME,
  };
}

/** A word of the expression language. */
const ORDER_NAME = { ExpressionAttributeNames: { "#order": "order" } };

/** The claim as it is after the write; undefined when the condition did not hold. */
async function claimItem(
  { client, table }: DynamoDeliveryStoreOptions,
  input: ClaimExpressions & { readonly Key: Item },
  values: Item,
): Promise<Item | undefined> {
  try {
    const answer = await client.send(
      new UpdateItemCommand({
        TableName: table,
        ...input,
        ExpressionAttributeValues: values,
        ReturnValues: "ALL_NEW",
      }),
    );
    return answer.Attributes ?? {};
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}

async function readItem({ client, table }: DynamoDeliveryStoreOptions, Key: Item): Promise<Item> {
  return (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item ?? {};
}

function claimResult(item: Item, copyId: string, dedupScope: string): ClaimResult {
  const claimed = claimedStory(item, dedupScope);
  if (claimed === undefined) throw new Error("a claim without its story");
  return { owner: item.claimed_by?.S === copyId, ...claimed };
}
