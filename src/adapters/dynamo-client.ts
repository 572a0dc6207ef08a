import { setTimeout as wait } from "node:timers/promises";
import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
} from "@aws-sdk/client-dynamodb";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";

/** An item as DynamoDB returns it. */
export type Item = Record<string, AttributeValue>;

/** The client of every table. */
export function createDynamoClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: AWS_ATTEMPTS.dynamo,
    requestHandler: AWS_REQUEST_HANDLER,
    ...config,
  });
}

/** Items that one BatchGetItem takes. */
const BATCH_GET = 100;
/** Rounds of asking again for keys that DynamoDB left out under load. */
const MAX_ROUNDS = 8;

export interface BatchGetOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** Half the price, and maybe not what was written last. */
  readonly mayBeStale?: boolean;
}

/**
 * Reads items by distinct keys, consistently unless told, and hands each to `visit`. What DynamoDB leaves unprocessed is asked
 * for again with growing pauses; throws when it still is not answered.
 */
export async function batchGet(
  { client, table, sleep = wait, mayBeStale = false }: BatchGetOptions,
  keys: readonly Item[],
  visit: (item: Item) => void,
): Promise<void> {
  for (let start = 0; start < keys.length; start += BATCH_GET) {
    let wanted = keys.slice(start, start + BATCH_GET);
    for (let round = 0; wanted.length > 0; round += 1) {
      if (round === MAX_ROUNDS) throw new Error(`DynamoDB left ${wanted.length} keys unread`);
      if (round > 0) await sleep(25 * 2 ** round);
      const answer = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: !mayBeStale } } }),
      );
      for (const item of answer.Responses?.[table] ?? []) visit(item);
      wanted = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
}

/** True when a write's condition did not hold. */
export function isConditionFailure(error: unknown): boolean {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}

/** Whether a conditional write was taken; a condition that did not hold is an answer. Rejects with every other failure. */
export async function isTaken(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

/**
 * No task is started later than this after the first, ms. A table that is slow but answers would otherwise hold a batch
 * up for as long as it likes; the λ leaves it ten seconds (`RESERVE_MS` in `exchange-scope.ts`).
 */
const START_WITHIN_MS = 9_000;

export interface Bounds {
  /** Tasks under way at once. */
  readonly atOnce: number;
  /** Any clock in ms. */
  readonly now: () => number;
}

/**
 * Runs every task; when some failed or had no time to start, rejects with the first failure after all that were started
 * have ended. After `atOnce` failures no more are started: the table is down, and the λ's time is short.
 */
export async function runBounded<T>(
  inputs: readonly T[],
  { atOnce, now }: Bounds,
  task: (input: T) => Promise<void>,
): Promise<void> {
  const queue = inputs.values();
  const end = now() + START_WITHIN_MS;
  const failures: unknown[] = [];
  let started = 0;
  const worker = async () => {
    for (const input of queue) {
      started += 1;
      await task(input).catch((error: unknown) => failures.push(error));
      if (failures.length >= atOnce || now() >= end) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, inputs.length) }, worker));
  if (started < inputs.length) failures.push(new Error(`no time for ${inputs.length - started} writes`));
  if (failures.length > 0) throw failures[0];
}
