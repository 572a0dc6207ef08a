import type { LaneQueueMessage, LaneQueues } from "../../src/pipeline/ports.ts";

/** What every implementation of the lanes' queues does. `create` answers empty queues of these lanes. */
export function laneQueuesSuite(
  create: (lanes: readonly string[]) => Promise<{
    queues: LaneQueues;
    messages(lane: string): Promise<readonly LaneQueueMessage[]>;
  }>,
): void {
  const message = (id: number, group = "shop-web"): LaneQueueMessage => ({
    body: JSON.stringify({ v: 1, lane: "meta", enqueued_at: 1, event: { event_id: String(id) } }),
    group,
  });
  const byBody = (messages: readonly LaneQueueMessage[]) => [...messages].sort((a, b) => (a.body < b.body ? -1 : 1));

  test("takes any number of messages of any group and answers each, in order", async () => {
    const { queues, messages } = await create(["meta", "ga4"]);
    const sent = Array.from({ length: 23 }, (_, n) => message(n, n % 2 === 0 ? "shop-web" : "replay"));
    const results = await queues.send("meta", sent);
    expect(results.map(({ sent: isSent }) => isSent)).toEqual(sent.map(() => true));
    expect(byBody(await messages("meta"))).toEqual(byBody(sent));
    expect(await messages("ga4")).toEqual([]);
  });

  test("refuses what is too long for a queue, and only that", async () => {
    const { queues, messages } = await create(["meta"]);
    // One byte more than leaves room for what comes along on the dead-letter queue.
    const long = { body: JSON.stringify("x".repeat(1_048_576 - 2_048 - 1)), group: "shop-web" };
    const results = await queues.send("meta", [message(1), long, message(2)]);
    expect(results.map((result) => (result.sent ? "sent" : result.reason))).toEqual(["sent", "MessageTooLong", "sent"]);
    expect(byBody(await messages("meta"))).toEqual([message(1), message(2)]);
  });

  test("refuses a lane that does not exist", async () => {
    const { queues } = await create(["meta"]);
    expect(await queues.send("gone", [message(1)])).toEqual([{ sent: false, reason: "QueueDoesNotExist" }]);
    expect(await queues.send("meta", [])).toEqual([]);
  });
}
