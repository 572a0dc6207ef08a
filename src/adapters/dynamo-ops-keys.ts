import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { present } from "../core/present.ts";
import type { OpsPermission } from "../ops/contract/keys.ts";
import type { OpsKeyStore, StoredOpsKey } from "../ops/ops-key.ts";
import { expiresAt } from "./delivery-items.ts";
import { batchGet, type Item, isTaken } from "./dynamo-client.ts";

/** Where the keys are kept. */
export interface DynamoOpsKeysOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly now: () => number;
}

/** The keys' partition of the index: they are listed newest first by `created_at`. */
const LISTED = { S: "OPSKEYS" };

/** More keys than that nobody has an overview of. */
const MOST_LISTED = 1_000;

/** How long a revoked key is still known as such. */
const REVOKED_DAYS = 90;

const UNREVOKED = "attribute_exists(pk) AND attribute_not_exists(revoked_at)";

/** Ops keys in the delivery table: pk `OPSKEY#<id>`, sk `KEY`. DynamoDB drops what has expired by the TTL. */
export function createDynamoOpsKeys({ client, table, now }: DynamoOpsKeysOptions): OpsKeyStore {
  return {
    async read(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }),
      );
      return Item === undefined ? undefined : readKey(Item);
    },
    create: (key) =>
      isTaken(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: itemOf(key),
            ConditionExpression: "attribute_not_exists(pk)",
          }),
        ),
      ),
    revoke: (id, at) =>
      isTaken(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(id),
            UpdateExpression: "SET revoked_at = :at, expires_at = :expires REMOVE attention, attention_at",
            ConditionExpression: UNREVOKED,
            ExpressionAttributeValues: {
              ":at": { N: String(at) },
              ":expires": expiresAt(at, REVOKED_DAYS),
            },
          }),
        ),
      ),
    async list() {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "attention",
          KeyConditionExpression: "attention = :listed",
          ExpressionAttributeValues: { ":listed": LISTED },
          ScanIndexForward: false,
          Limit: MOST_LISTED,
        }),
      );
      const keys: StoredOpsKey[] = [];
      const items = Items.map(({ pk, sk }) => present({ pk, sk }) as Item);
      await batchGet({ client, table }, items, (item) => keys.push(readKey(item)));
      return keys
        .filter(
          ({ revoked_at, expires_at = Number.POSITIVE_INFINITY }) => revoked_at === undefined && expires_at > now(),
        )
        .sort((a, b) => b.created_at - a.created_at);
    },
    async markUsed(id, day) {
      await isTaken(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(id),
            UpdateExpression: "SET last_used_day = :day",
            // Else an update would bring back a key that expired meanwhile, as an item without a digest.
            ConditionExpression: UNREVOKED,
            ExpressionAttributeValues: { ":day": { S: day } },
          }),
        ),
      );
    },
  };
}

function keyOf(id: string): Item {
  return { pk: { S: `OPSKEY#${id}` }, sk: { S: "KEY" } };
}

function itemOf(key: StoredOpsKey): Item {
  const number = (value: number): AttributeValue => ({ N: String(value) });
  return {
    ...keyOf(key.id),
    digest: { S: key.digest },
    label: { S: key.label },
    permissions: { S: key.permissions.join(" ") },
    created_at: number(key.created_at),
    created_by: { S: key.created_by },
    attention: LISTED,
    attention_at: number(key.created_at),
    ...(key.expires_at === undefined ? {} : { expires_at: number(Math.floor(key.expires_at / 1000)) }),
  };
}

function readKey(item: Item): StoredOpsKey {
  const number = (value: AttributeValue | undefined) => (value?.N === undefined ? undefined : Number(value.N));
  const expires = number(item.expires_at);
  return {
    id: (item.pk?.S ?? "").replace(/^OPSKEY#/, ""),
    digest: item.digest?.S ?? "",
    label: item.label?.S ?? "",
    permissions: (item.permissions?.S ?? "").split(" ").filter(Boolean) as OpsPermission[],
    created_at: number(item.created_at) ?? 0,
    created_by: item.created_by?.S ?? "",
    ...present({
      expires_at: expires === undefined ? undefined : expires * 1000,
      last_used_day: item.last_used_day?.S,
      revoked_at: number(item.revoked_at),
    }),
  };
}
