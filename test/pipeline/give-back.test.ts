import { createMemoryOwnLaneQueue } from "../../src/adapters/memory/own-lane-queue.ts";
import { giveBackSoon, type ReceivedRecord } from "../../src/pipeline/give-back.ts";

function received(messageId: string, groupId: string, receiveCount: number): ReceivedRecord {
  return { messageId, groupId, body: "{}", receiptHandle: messageId.toUpperCase(), receiveCount };
}

async function hidden(records: readonly ReceivedRecord[], failed: readonly string[]) {
  const queue = createMemoryOwnLaneQueue();
  await giveBackSoon(records, failed, queue);
  return Object.fromEntries(queue.postponed);
}

test("waits longer after each failure, and then as long as the queue itself hides it", async () => {
  const after = async (count: number) => (await hidden([received("a", "g", count)], ["a"])).A;
  expect(await Promise.all([1, 2, 3, 4, 5, 250].map(after))).toEqual([2, 10, 30, undefined, undefined, undefined]);
});

test("a group waits as long as its first failure does, whatever came behind it and however often", async () => {
  const records = [received("a", "g", 2), received("b", "g", 1), received("c", "other", 1), received("d", "g", 4)];
  expect(await hidden(records, ["a", "b", "c", "d"])).toEqual({ A: 10, B: 10, C: 2, D: 10 });
});

test("a group whose first failure has failed often is left alone in whole", async () => {
  expect(await hidden([received("a", "g", 4), received("b", "g", 1)], ["a", "b"])).toEqual({});
});

test("what went well before the first failure has no say and is not hidden anew", async () => {
  expect(await hidden([received("a", "g", 3), received("b", "g", 1)], ["b"])).toEqual({ B: 2 });
});

test("asks the queue for nothing when nothing failed", async () => {
  const postpone = () => Promise.reject(new Error("asked"));
  await expect(giveBackSoon([received("a", "g", 1)], [], { postpone })).resolves.toBeUndefined();
});
