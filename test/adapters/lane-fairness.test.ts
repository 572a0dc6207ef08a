import type { SQSClient } from "@aws-sdk/client-sqs";
import type { QueueInput } from "../../packages/local-stack/src/queue-inputs.ts";
import { Queues } from "../../packages/local-stack/src/queues.ts";
import { createSqsLaneQueues } from "../../src/adapters/sqs-lane-queues.ts";
import { REPLAY_GROUP } from "../../src/core/queue-messages.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:lane-meta";

/** One lane's queue with SQS's fair receives, behind the adapter that ships. */
function lane() {
  const models = [{ logicalId: "meta", name: "lane-meta", arn: ARN, attributes: { VisibilityTimeout: "300" } }];
  const engine = new Queues({ models, gatewayUrl: "https://sqs.example", now: () => 0 });
  const client = {
    send: (command: object) =>
      engine.call(command.constructor.name.replace(/Command$/, ""), (command as { input: QueueInput }).input),
  } as unknown as Pick<SQSClient, "send">;
  const queue = engine.byArn(ARN);
  if (queue === undefined) throw new Error("no queue");
  const queues = createSqsLaneQueues({
    client,
    urlOf: (lane) => `https://sqs.example/000000000000/lane-${lane}`,
    clock: { sleep: async () => {} },
  });
  return { queues, receive: () => queue.receive(10, 300_000), remove: queue.remove.bind(queue) };
}

const events = (group: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ body: JSON.stringify({ group, n }), group }));

test.each([
  ["a source at a hundred times its traffic", "shop-web"],
  ["a replay", REPLAY_GROUP],
])(
  "G9: behind the backlog of %s, another source's n events are among the next 2 n that the lane gets",
  async (_, busy) => {
    const { queues, receive, remove } = lane();
    await queues.send("meta", events(busy, 5_000));
    // Five workers are at it when the quiet source's events come.
    const working = Array.from({ length: 5 }, () => receive());
    await queues.send("meta", events("shop-server", 50));
    const order: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      for (const message of working.shift() ?? []) remove(message);
      const batch = receive();
      order.push(...batch.map(({ groupId = "" }) => groupId));
      working.push(batch);
    }
    expect(order).toHaveLength(100);
    expect(order.filter((group) => group === "shop-server")).toHaveLength(50);
  },
);

test("the busy source loses nothing by it, and has the lane to itself when it is alone", async () => {
  const { queues, receive, remove } = lane();
  await queues.send("meta", [...events("shop-web", 300), ...events("shop-server", 3)]);
  const seen: string[] = [];
  for (let batch = receive(); batch.length > 0; batch = receive()) {
    for (const message of batch) {
      seen.push(message.body);
      remove(message);
    }
  }
  expect(new Set(seen).size).toBe(303);
});
