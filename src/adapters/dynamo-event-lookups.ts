import { DeleteItemCommand, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { partitionKey, sortKeyPrefix } from "../core/delivery-record.ts";
import type { EventKey } from "../core/event.ts";
import type { Finding } from "../core/finding.ts";
import type { FindingRow } from "../ops/contract.ts";
import type { DayRange, EventLookups, ListedFailure } from "../ops/lookup-ports.ts";
import type { StoredEvent } from "../pipeline/trace.ts";
import {
  addStoredItem,
  eventSortKey,
  failureShards,
  isOver,
  keyOf,
  orderKey,
  quarantineItem,
  receiptSortKey,
} from "./delivery-items.ts";
import { batchGet, type Item, isConditionFailure } from "./dynamo-client.ts";
import { createDynamoReceipts } from "./dynamo-receipts.ts";
import { readStoryItems } from "./dynamo-story.ts";

export interface DynamoEventLookupsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Epoch ms: DynamoDB deletes an item days after its time, and from its time on it holds nothing. */
  readonly now: () => number;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** What people ask of the delivery table, by its key and its two indexes. */
export function createDynamoEventLookups(options: DynamoEventLookupsOptions): EventLookups {
  const { client, table, now } = options;

  /** Whole items of an index's entries, in their order; those that are gone or over are left out. */
  async function itemsOf(entries: readonly Item[]): Promise<Item[]> {
    const found = new Map<string, Item>();
    const keys = entries.flatMap(({ pk, sk }): Item[] => (pk === undefined || sk === undefined ? [] : [{ pk, sk }]));
    await batchGet({ ...options, mayBeStale: true }, keys, (item) => {
      if (!isOver(item, now())) found.set(idOf(item), item);
    });
    return keys.map((key) => found.get(idOf(key))).filter((item) => item !== undefined);
  }

  return {
    // Nothing is written here, so there is no life to give a receipt.
    readRecords: createDynamoReceipts({ ...options, deliveryDays: 0 }).readRecords,
    readStory: (eventId, scopes) => readStoryItems(client, table, eventId, scopes),

    async readEvents(wanted) {
      const keys = new Map<string, Item>();
      for (const { key, lanes } of wanted) {
        for (const sk of [eventSortKey(key), ...lanes.map((lane) => receiptSortKey(key, lane))]) {
          const item = { pk: { S: partitionKey(key) }, sk: { S: sk } };
          keys.set(idOf(item), item);
        }
      }
      const stored = new Map<string, Map<string, StoredEvent>>();
      await batchGet({ ...options, mayBeStale: true }, [...keys.values()], (item) => {
        if (isOver(item, now())) return;
        const pk = item.pk?.S ?? "";
        const names = stored.get(pk) ?? new Map<string, StoredEvent>();
        stored.set(pk, names);
        addStoredItem(names, item);
      });
      return wanted.map(
        ({ key }) => stored.get(partitionKey(key))?.get(sortKeyPrefix(key)) ?? { ...nothingOf(key), records: [] },
      );
    },

    async eventsOfOrder(dedupScope, orderId) {
      const entries = await queryIndex(client, {
        TableName: table,
        IndexName: "orders",
        KeyConditionExpression: "#order = :order",
        ExpressionAttributeNames: { "#order": "order" },
        ExpressionAttributeValues: { ":order": { S: orderKey(dedupScope, orderId) } },
      });
      return entries.flatMap((item) => keyOf(item) ?? []);
    },

    async listFailures(lane, range) {
      const shards = await Promise.all(
        failureShards(lane, range.day).map((shard) => queryAttention(client, table, shard, range)),
      );
      // A stable sort: what failed in one ms keeps the order of its shard, whatever the limit was.
      const listed = shards.flat().flatMap((item): ListedFailure[] => {
        const key = keyOf(item);
        return key === undefined ? [] : [{ key, lane, at: listedAt(item) }];
      });
      return listed.sort((a, b) => b.at - a.at).slice(0, range.limit);
    },

    async listQuarantined(range) {
      const items = await itemsOf(await queryAttention(client, table, `QUARANTINE#${range.day}`, range));
      return items.flatMap((item) => {
        const events = new Map<string, StoredEvent>();
        addStoredItem(events, item);
        return [...events.values()].flatMap(({ quarantined }) => quarantined ?? []);
      });
    },

    async listFindings(range) {
      const items = await itemsOf(await queryAttention(client, table, `FINDING#${range.day}`, range));
      return items.flatMap((item): FindingRow[] =>
        item.finding?.S === undefined
          ? []
          : [{ ...(JSON.parse(item.finding.S) as Finding), found_at: Number(item.found_at?.N ?? 0) }],
      );
    },

    async removeQuarantined(entry) {
      const { pk, sk } = quarantineItem(entry, 0);
      try {
        await client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: { pk: pk ?? { S: "" }, sk: sk ?? { S: "" } },
            ConditionExpression: "received_at = :read AND #raw = :raw",
            ExpressionAttributeNames: { "#raw": "raw" },
            ExpressionAttributeValues: { ":read": { N: String(entry.received_at) }, ":raw": { S: entry.raw } },
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },
  };
}

function nothingOf(key: EventKey): Omit<StoredEvent, "records"> {
  const { dedup_scope, event_id, event_name, custom_name } = key;
  return { dedup_scope, event_id, name: custom_name === undefined ? event_name : `custom:${custom_name}` };
}

function idOf({ pk, sk }: Item): string {
  return `${pk?.S}\u0000${sk?.S}`;
}

function listedAt(item: Item): number {
  return Number(item.attention_at?.N ?? 0);
}

function queryAttention(
  client: DynamoDBClient,
  table: string,
  attention: string,
  { from, until, limit }: DayRange,
): Promise<Item[]> {
  return queryIndex(
    client,
    {
      TableName: table,
      IndexName: "attention",
      KeyConditionExpression: "attention = :attention AND attention_at BETWEEN :from AND :until",
      ExpressionAttributeValues: {
        ":attention": { S: attention },
        ":from": { N: String(from) },
        ":until": { N: String(until) },
      },
      ScanIndexForward: false,
    },
    limit,
  );
}

/** Entries of an index, all or the first `limit`. */
async function queryIndex(
  client: DynamoDBClient,
  query: ConstructorParameters<typeof QueryCommand>[0],
  limit = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        ...query,
        ...(Number.isFinite(limit) ? { Limit: limit - found.length } : {}),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    found.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && found.length < limit);
  return found;
}
