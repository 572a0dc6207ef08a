import type { BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { batchGet, type Item, runBounded } from "../../src/adapters/dynamo-client.ts";

const keys = (count: number): Item[] => Array.from({ length: count }, (_, n) => ({ pk: { S: `k-${n}` } }));

/** Answers `perCall` of the keys it is asked for and leaves the rest unprocessed. */
function stingy(perCall: number) {
  const asked: number[] = [];
  const consistent: (boolean | undefined)[] = [];
  const pauses: number[] = [];
  const send = async ({ input }: BatchGetItemCommand) => {
    const request = input.RequestItems?.t;
    const wanted = request?.Keys ?? [];
    asked.push(wanted.length);
    consistent.push(request?.ConsistentRead);
    const left = wanted.slice(perCall);
    return {
      Responses: { t: wanted.slice(0, perCall) },
      UnprocessedKeys: left.length === 0 ? {} : { t: { Keys: left } },
    };
  };
  const options = {
    client: { send } as unknown as DynamoDBClient,
    table: "t",
    sleep: async (ms: number) => pauses.push(ms),
  };
  return { options, asked, consistent, pauses };
}

test("asks for at most 100 at a time, consistently", async () => {
  const { options, asked, consistent } = stingy(100);
  const found: Item[] = [];
  await batchGet(options, keys(250), (item) => found.push(item));
  expect(found).toEqual(keys(250));
  expect(asked).toEqual([100, 100, 50]);
  expect(consistent).toEqual([true, true, true]);
});

test("asks for half the price where old values will do", async () => {
  const { options, consistent } = stingy(100);
  await batchGet({ ...options, mayBeStale: true }, keys(1), () => {});
  expect(consistent).toEqual([false]);
});

test("asks again for what was left unprocessed, with growing pauses", async () => {
  const { options, asked, pauses } = stingy(20);
  const found: Item[] = [];
  await batchGet(options, keys(50), (item) => found.push(item));
  expect(found).toEqual(keys(50));
  expect(asked).toEqual([50, 30, 10]);
  expect(pauses).toEqual([50, 100]);
});

test("gives up loudly: an unread claim must not pass for an absent one", async () => {
  const { options, pauses } = stingy(0);
  await expect(batchGet(options, keys(3), () => {})).rejects.toThrow("3 keys unread");
  expect(pauses.length).toBeGreaterThan(3);
});

test("bounded work runs everything, never more than the bound at once, and reports a failure at the end", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  const work = runBounded([1, 2, 3, 4, 5, 6], { atOnce: 2, now: () => 0 }, async (n) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    if (n === 2) throw new Error(`no ${n}`);
    done.push(n);
  });
  await expect(work).rejects.toThrow("no 2");
  expect(most).toBe(2);
  expect(done).toEqual([1, 3, 4, 5, 6]);
});

test("bounded work stops starting tasks when as many failed as run at once: a table that is down costs one round", async () => {
  const started: number[] = [];
  const work = runBounded([1, 2, 3, 4, 5, 6], { atOnce: 2, now: () => 0 }, async (n) => {
    started.push(n);
    throw new Error(`no ${n}`);
  });
  await expect(work).rejects.toThrow("no 1");
  expect(started.length).toBeLessThanOrEqual(3);
});

test("bounded work stops starting tasks when its time is over: a table that is slow does not take the λ along", async () => {
  let now = 500;
  const done: number[] = [];
  const slow = (inputs: number[]) =>
    runBounded(inputs, { atOnce: 1, now: () => now }, async (n) => {
      now += 3_000;
      done.push(n);
    });
  await expect(slow([1, 2, 3, 4, 5])).rejects.toThrow("no time for 2 writes");
  expect(done).toEqual([1, 2, 3]);
  await slow([6, 7, 8]);
  expect(done).toEqual([1, 2, 3, 6, 7, 8]);
});
