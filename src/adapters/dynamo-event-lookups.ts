import { DeleteItemCommand, type DynamoDBClient, QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { partitionKey, sortKeyPrefix } from "../core/delivery-record.ts";
import type { EventKey } from "../core/event-key.ts";
import type { DayRange, EventLookups, ListedFailure } from "../ops/lookup-ports.ts";
import { type StoredEvent, storedName } from "../pipeline/trace.ts";
import { eventSortKey, isOver, keyOf, orderKey, receiptSortKey } from "./delivery-items.ts";
import { batchGet, type Item, isTaken } from "./dynamo-client.ts";
import { findingOfItem } from "./dynamo-finding-store.ts";
import { createDynamoReceipts } from "./dynamo-receipts.ts";
import { readStoryItems } from "./dynamo-story.ts";
import { quarantineItem } from "./quarantine-items.ts";
import { failureShards } from "./receipt-items.ts";
import { addStoredItem } from "./stored-event-items.ts";

export interface DynamoEventLookupsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Epoch ms: DynamoDB deletes an item days after its time, and from its time on it holds nothing. */
  readonly now: () => number;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Entries of one read. */
const MOST_ENTRIES = 1_000;
/** Events that an order is shown to have: an id that a broken tag gives to all of them must not be read to its end. */
const MOST_OF_ORDER = 200;

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

  function listWhole<Found>(attention: string, range: DayRange, read: (item: Item) => Found[]): Promise<Found[]> {
    return queryIndex(client, attentionQuery(table, attention, range), range.limit, async (entries) =>
      (await itemsOf(entries)).flatMap(read),
    );
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
      return wanted.map(({ key }) => stored.get(partitionKey(key))?.get(sortKeyPrefix(key)) ?? nothingOf(key));
    },

    async eventsOfOrder(dedupScope, orderId) {
      const query = {
        TableName: table,
        IndexName: "orders",
        KeyConditionExpression: "#order = :order",
        ExpressionAttributeNames: { "#order": "order" },
        ExpressionAttributeValues: { ":order": { S: orderKey(dedupScope, orderId) } },
      };
      return queryIndex(client, query, MOST_OF_ORDER, (entries) => entries.flatMap((item) => keyOf(item) ?? []));
    },

    async listFailures(lane, range) {
      const listed = await Promise.all(
        failureShards(lane, range.day).map((shard) =>
          queryIndex(client, attentionQuery(table, shard, range), range.limit, (entries) =>
            entries.flatMap((item): ListedFailure[] => {
              const key = keyOf(item);
              return key === undefined ? [] : [{ key, lane, at: Number(item.attention_at?.N ?? 0) }];
            }),
          ),
        ),
      );
      // A stable sort: what failed in one ms keeps the order of its shard, whatever the limit was.
      return listed
        .flat()
        .sort((a, b) => b.at - a.at)
        .slice(0, range.limit);
    },

    async listQuarantined(range) {
      return listWhole(`QUARANTINE#${range.day}`, range, (item) => {
        const events = new Map<string, StoredEvent>();
        addStoredItem(events, item);
        return [...events.values()].flatMap(({ quarantined }) => quarantined ?? []);
      });
    },

    async listFindings(range) {
      return listWhole(`FINDING#${range.day}`, range, (item) => findingOfItem(item));
    },

    async removeQuarantined(entry) {
      const { pk, sk } = quarantineItem(entry, 0);
      return isTaken(
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: { pk: pk ?? { S: "" }, sk: sk ?? { S: "" } },
            ConditionExpression: "received_at = :read AND #raw = :raw",
            ExpressionAttributeNames: { "#raw": "raw" },
            ExpressionAttributeValues: { ":read": { N: String(entry.received_at) }, ":raw": { S: entry.raw } },
          }),
        ),
      );
    },
  };
}

function nothingOf(key: EventKey): StoredEvent {
  return { dedup_scope: key.dedup_scope, event_id: key.event_id, name: storedName(key), records: [] };
}

function idOf({ pk, sk }: Item): string {
  return `${pk?.S}\u0000${sk?.S}`;
}

function attentionQuery(table: string, attention: string, { from, until }: DayRange): QueryCommandInput {
  return {
    TableName: table,
    IndexName: "attention",
    KeyConditionExpression: "attention = :attention AND attention_at BETWEEN :from AND :until",
    ExpressionAttributeValues: {
      ":attention": { S: attention },
      ":from": { N: String(from) },
      ":until": { N: String(until) },
    },
    ScanIndexForward: false,
  };
}

/**
 * What `read` makes of an index's entries, in their order, until there are `limit`. It is asked again while there are
 * more entries: some may be of items that are gone.
 */
async function queryIndex<Found>(
  client: DynamoDBClient,
  query: QueryCommandInput,
  limit: number,
  read: (entries: readonly Item[]) => Found[] | Promise<Found[]>,
): Promise<Found[]> {
  const found: Found[] = [];
  let from: Item | undefined;
  do {
    const Limit = Math.min(limit - found.length, MOST_ENTRIES);
    const start = from === undefined ? {} : { ExclusiveStartKey: from };
    const page = await client.send(new QueryCommand({ ...query, Limit, ...start }));
    found.push(...(await read(page.Items ?? [])));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && found.length < limit);
  return found;
}
