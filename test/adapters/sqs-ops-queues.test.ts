import type { SQSClient } from "@aws-sdk/client-sqs";
import { createSqsOpsQueues } from "../../src/adapters/sqs-ops-queues.ts";

interface Sent {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

function world(answers: Readonly<Record<string, unknown>>) {
  const sent: Sent[] = [];
  const client = {
    send: async (command: { constructor: { name: string }; input: Sent["input"] }) => {
      const name = command.constructor.name.replace(/Command$/, "");
      sent.push({ name, input: command.input });
      const answer = answers[name] ?? {};
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as Pick<SQSClient, "send">;
  const queues = createSqsOpsQueues({
    environment: "production",
    eventsQueueUrl: "https://sqs.eu-central-1.amazonaws.com/111122223333/tracklayer-production-events.fifo",
    eventsQueueArn: "arn:aws:sqs:eu-central-1:111122223333:tracklayer-production-events.fifo",
    client,
  });
  return { queues, sent };
}

function named(name: string): Error {
  return Object.assign(new Error("no"), { name });
}

test("queues are addressed by the names that the stack gives them, the FIFO ones with their ending", async () => {
  const { queues, sent } = world({});
  for (const queue of ["events", "events-dlq", "lane-events", "lane-meta-dlq"]) await queues.depth(queue);
  expect(sent.map(({ input }) => String(input.QueueUrl).split("/").slice(-2).join("/"))).toEqual([
    "111122223333/tracklayer-production-events.fifo",
    "111122223333/tracklayer-production-events-dlq.fifo",
    "111122223333/tracklayer-production-lane-events",
    "111122223333/tracklayer-production-lane-meta-dlq",
  ]);
  await queues.startMove("lane-meta-dlq", "lane-meta", 20);
  expect(sent.at(-1)?.input).toEqual({
    SourceArn: "arn:aws:sqs:eu-central-1:111122223333:tracklayer-production-lane-meta-dlq",
    DestinationArn: "arn:aws:sqs:eu-central-1:111122223333:tracklayer-production-lane-meta",
    MaxNumberOfMessagesPerSecond: 20,
  });
});

test("what was looked at is given back at once, and shown although that failed", async () => {
  const Messages = [
    {
      MessageId: "m1",
      Body: "{}",
      ReceiptHandle: "r1",
      Attributes: { SentTimestamp: "1795000000000" },
      MessageAttributes: { reason: { StringValue: "expired" } },
    },
    { MessageId: "m2", Body: "x", ReceiptHandle: "r2" },
  ];
  const failing = { ReceiveMessage: { Messages }, ChangeMessageVisibilityBatch: new Error("down") };
  for (const answers of [{ ReceiveMessage: { Messages } }, failing]) {
    const { queues, sent } = world(answers);
    expect(await queues.peek("lane-meta-dlq", 5)).toEqual([
      { messageId: "m1", body: "{}", sentAt: 1_795_000_000_000, reason: "expired" },
      { messageId: "m2", body: "x", sentAt: 0 },
    ]);
    expect(sent.map(({ name }) => name)).toEqual(["ReceiveMessage", "ChangeMessageVisibilityBatch"]);
    expect(sent[1]?.input.Entries).toMatchObject([
      { ReceiptHandle: "r1", VisibilityTimeout: 0 },
      { ReceiptHandle: "r2", VisibilityTimeout: 0 },
    ]);
  }
});

test("a move or a purge that is under way is told as busy, and every other error stays one", async () => {
  const { queues } = world({
    StartMessageMoveTask: named("AWS.SimpleQueueService.UnsupportedOperation"),
    PurgeQueue: named("PurgeQueueInProgress"),
  });
  expect(await queues.startMove("lane-meta-dlq", "lane-meta", undefined)).toBe("busy");
  expect(await queues.purge("lane-meta-dlq")).toBe("busy");
  const denied = world({ PurgeQueue: named("AccessDenied") });
  await expect(denied.queues.purge("lane-meta-dlq")).rejects.toThrow("no");
});

test("the last move is told with how far it is", async () => {
  const running = { Status: "RUNNING", ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 10 };
  const { queues } = world({ ListMessageMoveTasks: { Results: [running] } });
  expect(await queues.lastMove("lane-meta-dlq")).toEqual({ running: true, moved: 3, of: 10 });
  expect(await world({}).queues.lastMove("lane-meta-dlq")).toBeUndefined();
});
