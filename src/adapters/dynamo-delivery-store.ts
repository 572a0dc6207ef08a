import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type ClaimResult, type DeliveryRecord, partitionKey, type QuarantinedEvent } from "../core/delivery-record.ts";
import type { AttemptClaim, AttemptClaimResult, DeliveryStore } from "../pipeline/ports.ts";
import type { StoredEvent, StoryReader } from "../pipeline/trace.ts";
import {
  addStoredItem,
  claimedStory,
  claimUpdate,
  eventSortKey,
  expiresAt,
  isOver,
  MAX_COPIES,
  quarantineItem,
  readReceipt,
  receiptSortKey,
  receiptUpdate,
} from "./delivery-items.ts";
import { batchGet, type Item, isConditionFailure, runBounded } from "./dynamo-client.ts";
import { packStory } from "./story-text.ts";

export interface DynamoDeliveryStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Life of claims and receipts, days. */
  readonly deliveryDays: number;
  readonly quarantineDays: number;
  /** Epoch ms. DynamoDB deletes an item days after its time; a claim or receipt past its time is none. */
  readonly now: () => number;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Writes under way at once: enough for a lane's batch, few enough for the sockets of one λ. */
const PARALLEL_WRITES = 25;

/**
 * Claims, receipts and quarantine on one table. Nothing here relies on `ReturnValuesOnConditionCheckFailure`, which
 * emulators lack: the claim learns the owner from the values that a successful write returns.
 */
export function createDynamoDeliveryStore(options: DynamoDeliveryStoreOptions): DeliveryStore & StoryReader {
  const { client, table, deliveryDays, now } = options;
  const bounds = { atOnce: PARALLEL_WRITES, now };
  return {
    async claim(key, copyId, story) {
      const Key: Item = { pk: { S: partitionKey(key) }, sk: { S: eventSortKey(key) } };
      const ofMine: Item = {
        ":me": { S: copyId },
        ":story": { S: packStory(story) },
        // From now and not from when it came: an event that waited long on a queue must not be claimed for no time.
        ":expires": expiresAt(Math.max(now(), story.received_at), deliveryDays),
        ":copy": { SS: [copyId] },
      };
      const update = (input: ClaimExpressions, values: Item) => claimItem(options, { Key, ...input }, values);
      const first = await update(JOIN_CLAIM, { ...ofMine, ":most": { N: String(MAX_COPIES) } });
      // Full of copies and owned by another: a duplicate, which still wants to know of the first copy.
      const joined = first ?? (await readItem(options, Key));
      const isFree = isOver(joined, now()) && joined.claimed_by?.S !== copyId;
      if (!isFree) return claimResult(joined, copyId, key.dedup_scope);
      const replaced = await update(REPLACE_CLAIM, { ...ofMine, ":over": joined.expires_at ?? { N: "0" } });
      // Not replaced: another copy was faster, and owns it now.
      return claimResult(replaced ?? (await readItem(options, Key)), copyId, key.dedup_scope);
    },

    async readRecords(lane, keys, { mayBeStale = false } = {}) {
      const found = new Map<string, DeliveryRecord>();
      const wanted = new Map<string, Item>();
      const idOf = (pk: string | undefined, sk: string | undefined) => `${pk}\u0000${sk}`;
      const ids = keys.map((key) => {
        const [pk, sk] = [partitionKey(key), receiptSortKey(key, lane)];
        wanted.set(idOf(pk, sk), { pk: { S: pk }, sk: { S: sk } });
        return idOf(pk, sk);
      });
      await batchGet({ ...options, mayBeStale }, [...wanted.values()], (item) => {
        const record = isOver(item, now()) ? undefined : readReceipt(item);
        if (record !== undefined) found.set(idOf(item.pk?.S, item.sk?.S), record);
      });
      return ids.map((id) => found.get(id));
    },

    async writeRecords(records) {
      await runBounded(records, bounds, async (record) => {
        try {
          await client.send(new UpdateItemCommand({ TableName: table, ...receiptUpdate(record, deliveryDays, now()) }));
        } catch (error) {
          // A stored `delivered` stands: that is what was asked for.
          if (!isConditionFailure(error)) throw error;
        }
      });
    },

    async claimAttempts(claims) {
      const results = claims.map((): AttemptClaimResult => ({ result: "failed", error: "NotTried" }));
      const attempt = async ({ record, previous }: AttemptClaim, index: number): Promise<void> => {
        try {
          await client.send(
            new UpdateItemCommand({ TableName: table, ...claimUpdate(record, previous, deliveryDays, now()) }),
          );
          results[index] = { result: "won" };
        } catch (error) {
          if (isConditionFailure(error)) {
            results[index] = { result: "lost" };
            return;
          }
          results[index] = { result: "failed", error: error instanceof Error ? error.name : "unknown" };
          throw error;
        }
      };
      // The rejection is told event by event.
      await runBounded([...claims.entries()], bounds, ([index, it]) => attempt(it, index)).catch(() => {});
      return results;
    },

    async quarantine(entry: QuarantinedEvent) {
      await client.send(new PutItemCommand({ TableName: table, Item: quarantineItem(entry, options.quarantineDays) }));
    },

    async readStory(eventId, scopes) {
      const stories = await Promise.all(
        [...new Set(scopes)].map(async (scope) => {
          const pk = partitionKey({ dedup_scope: scope, event_id: eventId });
          const stored = new Map<string, StoredEvent>();
          for await (const item of queryAll(client, table, pk)) addStoredItem(stored, item);
          return [...stored.values()];
        }),
      );
      return stories.flat();
    },
  };
}

interface ClaimExpressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
}

const JOIN_CLAIM: ClaimExpressions = {
  UpdateExpression:
    "SET claimed_by = if_not_exists(claimed_by, :me), story = if_not_exists(story, :story), " +
    "expires_at = if_not_exists(expires_at, :expires) ADD copies :copy",
  ConditionExpression: "attribute_not_exists(pk) OR claimed_by = :me OR size(copies) < :most",
};

const REPLACE_CLAIM: ClaimExpressions = {
  UpdateExpression: "SET claimed_by = :me, story = :story, expires_at = :expires, copies = :copy",
  ConditionExpression: "attribute_not_exists(pk) OR expires_at = :over",
};

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
