import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ErasureHead } from "../core/erasure.ts";
import type { TombstoneReader } from "../pipeline/erasures.ts";
import { batchGet, type Item } from "./dynamo-client.ts";

export interface DynamoTombstonesOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Epoch ms: DynamoDB deletes an item days after its time, and from its time on it is none. */
  readonly now: () => number;
  /** Pauses between reads that DynamoDB answered in part; by default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Where the head is, in the delivery table. */
export const HEAD_KEY: Item = { pk: { S: "ERASURES" }, sk: { S: "HEAD" } };

/** The tombstones of the delivery table. Apart from the writing of them, which no lane does. */
export function createDynamoTombstoneReader(options: DynamoTombstonesOptions): TombstoneReader {
  const isOver = ({ expires_at }: Item) => Number(expires_at?.N ?? 0) * 1_000 <= options.now();
  return {
    async head() {
      let head: ErasureHead | undefined;
      await batchGet(options, [HEAD_KEY], (item) => {
        if (!isOver(item)) head = headOf(item);
      });
      return head;
    },
    async erasedAt(names) {
      const found = new Map<string | undefined, number>();
      await batchGet(options, [...new Set(names)].map(tombstoneKey), (item) => {
        if (!isOver(item)) found.set(item.pk?.S, Number(item.erased_at?.N));
      });
      return names.map((name) => found.get(tombstoneKey(name).pk?.S));
    },
  };
}

/** The key of one identifier's tombstone. */
export function tombstoneKey(name: string): Item {
  return { pk: { S: `ERASED#${name}` }, sk: { S: "TOMBSTONE" } };
}

/** Undefined before the first erasure is announced. */
function headOf({ expires_at, last_at, secret }: Item): ErasureHead | undefined {
  if (secret?.S === undefined || last_at?.N === undefined) return undefined;
  return { secret: secret.S, last_at: Number(last_at.N), until: Number(expires_at?.N ?? 0) * 1_000 };
}
