import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type AuditMark, chainEntry } from "../core/audit.ts";
import type { AuditEntry } from "../core/audit-entry.ts";
import type { AuditLog } from "../ops/audit-log.ts";
import { type Item, isTaken } from "./dynamo-client.ts";

/** Where the log is kept. */
export interface DynamoAuditLogOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

const PARTITION = { S: "AUDIT" };
const HEAD = { pk: PARTITION, sk: { S: "HEAD" } };

/** Digits of a number in the sort key. `HEAD` sorts behind them all. */
const DIGITS = 12;
const LAST_KEY = "9".repeat(DIGITS);

/** Each round somebody wins, so that this many at once all get through. */
const MAX_ROUNDS = 25;

/** Most entries of one read. */
const MOST_READ = 1_000;

/**
 * The audit log in the delivery table: pk `AUDIT`, sk the number with leading zeros, and `HEAD` with the last number and
 * digest. Who writes an entry that is there already reads again and takes the next number. Without TTL.
 */
export function createDynamoAuditLog({ client, table }: DynamoAuditLogOptions): AuditLog {
  const head = async (): Promise<AuditMark | undefined> => {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: HEAD, ConsistentRead: true }));
    return Item === undefined ? undefined : { number: Number(Item.number?.N ?? 0), digest: Item.digest?.S ?? "" };
  };
  const query = async (from: number, limit: number, newestFirst: boolean): Promise<AuditEntry[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :last",
        ExpressionAttributeValues: { ":pk": PARTITION, ":from": { S: sortKey(from) }, ":last": { S: LAST_KEY } },
        Limit: limit,
        ScanIndexForward: !newestFirst,
        ConsistentRead: true,
      }),
    );
    return Items.map(readEntry);
  };
  return {
    head,
    async append(draft) {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const [noted, [stored]] = await Promise.all([head(), query(1, 1, true)]);
        const entry = chainEntry(laterOf(noted, stored), draft);
        if (!(await putEntry(client, table, entry))) continue;
        await noteHead(client, table, entry);
        return entry;
      }
      throw new Error("the audit log is too busy");
    },
    read: (from, limit) => query(from, Math.min(limit, MOST_READ), false),
  };
}

/** An entry whose writer died is ahead of the head; a head ahead of the entries says that some are gone. */
function laterOf(noted: AuditMark | undefined, stored: AuditMark | undefined): AuditMark | undefined {
  return (stored?.number ?? 0) > (noted?.number ?? 0) ? stored : noted;
}

async function putEntry(client: DynamoDBClient, table: string, entry: AuditEntry): Promise<boolean> {
  const item = {
    pk: PARTITION,
    sk: { S: sortKey(entry.number) },
    entry: { S: JSON.stringify(entry) },
  };
  const ConditionExpression = "attribute_not_exists(pk)";
  return isTaken(client.send(new PutItemCommand({ TableName: table, Item: item, ConditionExpression })));
}

async function noteHead(client: DynamoDBClient, table: string, { number, digest }: AuditMark): Promise<void> {
  // When it is not taken, somebody with a later entry was faster.
  await isTaken(
    client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: HEAD,
        UpdateExpression: "SET #number = :number, digest = :digest",
        ConditionExpression: "attribute_not_exists(#number) OR #number < :number",
        ExpressionAttributeNames: { "#number": "number" },
        ExpressionAttributeValues: { ":number": { N: String(number) }, ":digest": { S: digest } },
      }),
    ),
  );
}

function readEntry(item: Item): AuditEntry {
  return JSON.parse(item.entry?.S ?? "{}") as AuditEntry;
}

function sortKey(number: number): string {
  return String(number).padStart(DIGITS, "0");
}
