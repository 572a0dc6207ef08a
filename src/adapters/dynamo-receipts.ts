import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { partitionKey } from "../core/delivery-record.ts";
import type { AttemptClaim, AttemptClaimResult, DeliveryStore } from "../pipeline/ports.ts";
import { isOver, receiptSortKey } from "./delivery-items.ts";
import { batchGet, type Item, isTaken, runBounded } from "./dynamo-client.ts";
import { claimUpdate, receiptIn, receiptUpdate } from "./receipt-items.ts";

export interface DynamoReceiptsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Life of claims and receipts, days. */
  readonly deliveryDays: number;
  /** Epoch ms. DynamoDB deletes an item days after its time; a claim or receipt past its time is none. */
  readonly now: () => number;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Writes under way at once: enough for a lane's batch, few enough for the sockets of one λ. */
const PARALLEL_WRITES = 25;

/** The receipts of the delivery table: all that a lane needs of it, so that its bundle holds nothing of claims and stories. */
export function createDynamoReceipts(
  options: DynamoReceiptsOptions,
): Pick<DeliveryStore, "readRecords" | "writeRecords" | "claimAttempts"> {
  const { client, table, deliveryDays, now } = options;
  const bounds = { atOnce: PARALLEL_WRITES, now };
  return {
    async readRecords(lane, keys, { mayBeStale = false } = {}) {
      const found = new Map<string, Item>();
      const wanted = new Map<string, Item>();
      const idOf = (pk: string | undefined, sk: string | undefined) => `${pk}\u0000${sk}`;
      const ids = keys.map((key) => {
        const [pk, sk] = [partitionKey(key), receiptSortKey(key, lane)];
        wanted.set(idOf(pk, sk), { pk: { S: pk }, sk: { S: sk } });
        return idOf(pk, sk);
      });
      await batchGet({ ...options, mayBeStale }, [...wanted.values()], (item) => {
        if (!isOver(item, now())) found.set(idOf(item.pk?.S, item.sk?.S), item);
      });
      return keys.map((key, index) => receiptIn(found.get(ids[index] ?? "") ?? {}, key, lane));
    },

    async writeRecords(records) {
      await runBounded(records, bounds, async (record) => {
        // An end that lasts stands, and the write is not taken: that is what was asked for.
        await isTaken(
          client.send(new UpdateItemCommand({ TableName: table, ...receiptUpdate(record, deliveryDays, now()) })),
        );
      });
    },

    async claimAttempts(claims) {
      const results = claims.map((): AttemptClaimResult => ({ result: "failed", error: "NotTried" }));
      const attempt = async ({ record, previous }: AttemptClaim, index: number): Promise<void> => {
        try {
          const isWon = await isTaken(
            client.send(
              new UpdateItemCommand({ TableName: table, ...claimUpdate(record, previous, deliveryDays, now()) }),
            ),
          );
          results[index] = { result: isWon ? "won" : "lost" };
        } catch (error) {
          results[index] = { result: "failed", error: error instanceof Error ? error.name : "unknown" };
          throw error;
        }
      };
      // The rejection is told event by event.
      await runBounded([...claims.entries()], bounds, ([index, it]) => attempt(it, index)).catch(() => {});
      return results;
    },
  };
}
