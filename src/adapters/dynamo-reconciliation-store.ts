import { gunzipSync, gzipSync } from "node:zlib";
import { type AttributeValue, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { ReconciledHour } from "../core/reconciliation.ts";
import type { ReconciliationStore } from "../pipeline/reconcile-ports.ts";
import { expiresAt } from "./delivery-items.ts";
import { batchGet } from "./dynamo-client.ts";

/** What the store needs; an hour's account lives as long as its receipts. */
export interface DynamoReconciliationStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly deliveryDays: number;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Accounts in the delivery table: pk `RECONCILIATION#<hour>` in ISO form, sk `HOUR`. Packed, because an account with all
 * rows that it may have is longer than an item, and because the detectors read hundreds of them each hour.
 */
export function createDynamoReconciliationStore(options: DynamoReconciliationStoreOptions): ReconciliationStore {
  const { client, deliveryDays, table } = options;
  return {
    async read(hours) {
      const found = new Map<string | undefined, ReconciledHour>();
      await batchGet({ ...options, mayBeStale: true }, [...new Set(hours)].map(keyOf), ({ account, pk }) => {
        if (account !== undefined) found.set(pk?.S, unpacked(account));
      });
      return hours.map((hour) => found.get(keyOf(hour).pk.S));
    },
    async save(account) {
      const Item = {
        ...keyOf(account.hour),
        account: { B: gzipSync(JSON.stringify(account)) },
        expires_at: expiresAt(account.hour, deliveryDays),
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
  };
}

/** Older versions stored the text itself. */
function unpacked({ B, S = "" }: AttributeValue): ReconciledHour {
  return JSON.parse(B === undefined ? S : gunzipSync(B).toString("utf8")) as ReconciledHour;
}

function keyOf(hour: number): { pk: AttributeValue.SMember; sk: AttributeValue.SMember } {
  return { pk: { S: `RECONCILIATION#${new Date(hour).toISOString().slice(0, 13)}` }, sk: { S: "HOUR" } };
}
