import type { LaneQueues } from "../../src/pipeline/ports.ts";

/** What every implementation of the lanes' queues does. `create` answers empty queues of these lanes. */
export function laneQueuesSuite(
  create: (lanes: readonly string[]) => Promise<{ queues: LaneQueues; bodies(lane: string): Promise<string[]> }>,
): void {
  const message = (id: number) =>
    JSON.stringify({ v: 1, lane: "meta", enqueued_at: 1, event: { event_id: String(id) } });

  test("takes any number of messages and answers each, in order", async () => {
    const { queues, bodies } = await create(["meta", "ga4"]);
    const sent = Array.from({ length: 23 }, (_, n) => message(n));
    const results = await queues.send("meta", sent);
    expect(results.map(({ sent: isSent }) => isSent)).toEqual(sent.map(() => true));
    expect((await bodies("meta")).sort()).toEqual([...sent].sort());
    expect(await bodies("ga4")).toEqual([]);
  });

  test("refuses what is too long for a queue, and only that", async () => {
    const { queues, bodies } = await create(["meta"]);
    // One byte more than leaves room for what comes along on the dead-letter queue.
    const long = JSON.stringify("x".repeat(1_048_576 - 2_048 - 1));
    const results = await queues.send("meta", [message(1), long, message(2)]);
    expect(results.map((result) => (result.sent ? "sent" : result.reason))).toEqual(["sent", "MessageTooLong", "sent"]);
    expect((await bodies("meta")).sort()).toEqual([message(1), message(2)]);
  });

  test("refuses a lane that does not exist", async () => {
    const { queues } = await create(["meta"]);
    expect(await queues.send("gone", [message(1)])).toEqual([{ sent: false, reason: "QueueDoesNotExist" }]);
    expect(await queues.send("meta", [])).toEqual([]);
  });
}
