import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  SendMessageBatchCommand,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { bodies, QueueWorld } from "./support/queue-world.ts";

// Each statement here is one that the SQS documentation makes; the client is Amazon's own.

const world = new QueueWorld();

describe("visibility in a standard queue", () => {
  test("a message comes back when its timeout is over, changed or not, and at once for zero", async () => {
    await world.send("jobs", "a");
    const [first] = await world.receive("jobs");
    await world.hide("jobs", first, 60);
    world.nowMs += 59_000;
    expect(await world.receive("jobs")).toEqual([]);
    await world.hide("jobs", first, 0);
    expect(bodies(await world.receive("jobs"))).toEqual(["a"]);
  });

  test("a timeout cannot be changed once the message is gone", async () => {
    await world.send("jobs", "a");
    const [message] = await world.receive("jobs");
    await world.remove("jobs", message);
    await expect(world.hide("jobs", message, 5)).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await expect(world.hide("jobs", { ReceiptHandle: "rubbish" }, 5)).rejects.toMatchObject({
      name: "ReceiptHandleIsInvalid",
    });
  });

  test("a delayed message is not seen before its time", async () => {
    await world.send("jobs", "a", { DelaySeconds: 10 });
    expect(await world.receive("jobs")).toEqual([]);
    world.nowMs += 10_000;
    expect(bodies(await world.receive("jobs"))).toEqual(["a"]);
  });

  test("a message older than the retention is gone", async () => {
    await world.send("jobs", "a");
    world.nowMs += 345_600_000;
    expect(await world.receive("jobs")).toEqual([]);
  });

  test("a long poll ends when a message arrives", async () => {
    const waiting = world.receive("jobs", { WaitTimeSeconds: 20 });
    await world.send("jobs", "a");
    expect(bodies(await waiting)).toEqual(["a"]);
  });

  test("a long poll that was given up takes no message", async () => {
    const giveUp = new AbortController();
    const input = { QueueUrl: world.url("jobs"), WaitTimeSeconds: 20 };
    const waiting = world.services.call("operator", "sqs", "ReceiveMessage", input, giveUp.signal);
    giveUp.abort();
    expect(await waiting).toEqual({});
    await world.send("jobs", "a");
    expect(bodies(await world.receive("jobs"))).toEqual(["a"]);
  });

  test("attributes count what is visible, in flight and delayed", async () => {
    await world.send("jobs", "a");
    await world.send("jobs", "b");
    await world.send("jobs", "c", { DelaySeconds: 5 });
    await world.receive("jobs", { MaxNumberOfMessages: 1 });
    const { Attributes } = await world.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: world.url("jobs"), AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "1",
      ApproximateNumberOfMessagesDelayed: "1",
      QueueArn: "arn:aws:sqs:us-east-1:000000000000:jobs",
    });
  });
});

describe("groups in a standard queue", () => {
  const fill = async (group: string, count: number) => {
    for (let at = 0; at < count; at += 10) {
      const Entries = Array.from({ length: Math.min(10, count - at) }, (_, index) => ({
        Id: String(index),
        MessageBody: `${group}${at + index}`,
        MessageGroupId: group,
      }));
      await world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.url("jobs"), Entries }));
    }
  };

  test("a backlog of one does not hold up another, and the group comes along", async () => {
    await fill("noisy", 40);
    const first = await world.receive("jobs");
    await fill("quiet", 3);
    const next = await world.receive("jobs", { MessageSystemAttributeNames: ["MessageGroupId"] });
    expect(bodies(next).slice(0, 3)).toEqual(["quiet0", "quiet1", "quiet2"]);
    expect(next.map(({ Attributes }) => Attributes?.MessageGroupId)).toEqual([
      ...Array.from({ length: 3 }, () => "quiet"),
      ...Array.from({ length: 7 }, () => "noisy"),
    ]);
    const rest = await Promise.all([world.receive("jobs"), world.receive("jobs"), world.receive("jobs")]);
    const all = [...first, ...next, ...rest.flat()];
    expect(new Set(bodies(all)).size).toBe(43);
  });

  test("no order and no deduplication come with it", async () => {
    await fill("g", 2);
    // In a FIFO queue the group would be closed now.
    expect(bodies(await world.receive("jobs", { MaxNumberOfMessages: 1 }))).toEqual(["g0"]);
    expect(bodies(await world.receive("jobs", { MaxNumberOfMessages: 1 }))).toEqual(["g1"]);
    await world.send("jobs", "same", { MessageGroupId: "g" });
    await world.send("jobs", "same", { MessageGroupId: "g" });
    expect(bodies(await world.receive("jobs"))).toEqual(["same", "same"]);
  });

  test("a dead letter keeps its group, and a name that no FIFO queue would take is refused", async () => {
    await world.send("jobs", "dead", { MessageGroupId: "g" });
    for (let time = 0; time < 3; time += 1) {
      await world.receive("jobs");
      world.nowMs += 30_000;
    }
    const [dead] = await world.receive("jobs-dead", { MessageSystemAttributeNames: ["All"] });
    expect(dead?.Attributes).toMatchObject({ MessageGroupId: "g" });
    expect(dead?.Attributes).not.toHaveProperty("SequenceNumber");
    await expect(world.send("jobs", "x", { MessageGroupId: "with space" })).rejects.toThrow("MessageGroupId");
  });
});

describe("dead letters", () => {
  async function failTwice(): Promise<void> {
    await world.send("jobs", "poison");
    for (let time = 1; time <= 2; time += 1) {
      expect(bodies(await world.receive("jobs"))).toEqual(["poison"]);
      world.nowMs += 30_000;
    }
  }

  test("a message moves on the receive after the last one allowed, not on its failure", async () => {
    await failTwice();
    expect(await world.receive("jobs-dead")).toEqual([]);
    expect(await world.receive("jobs")).toEqual([]);
    const [dead] = await world.receive("jobs-dead", { MessageSystemAttributeNames: ["All"] });
    expect(dead).toMatchObject({
      Body: "poison",
      Attributes: { DeadLetterQueueSourceArn: "arn:aws:sqs:us-east-1:000000000000:jobs" },
    });
  });

  test("in a FIFO queue a dead letter no longer holds its group up", async () => {
    await world.sendFifo("per-group.fifo", "poison", "g");
    await world.sendFifo("per-group.fifo", "next", "g");
    await world.receive("per-group.fifo", { MaxNumberOfMessages: 1 });
    world.nowMs += 30_000;
    expect(bodies(await world.receive("per-group.fifo"))).toEqual(["next"]);
    expect(bodies(await world.receive("per-group-dead.fifo"))).toEqual(["poison"]);
  });

  test("a redrive brings messages back with their receives forgotten", async () => {
    await failTwice();
    await world.receive("jobs");
    const SourceArn = "arn:aws:sqs:us-east-1:000000000000:jobs-dead";
    await world.sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    const [message] = await world.receive("jobs", { MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
    expect(message).toMatchObject({ Body: "poison", Attributes: { ApproximateReceiveCount: "1" } });
    const { Results } = await world.sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
    expect(Results).toMatchObject([{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 }]);
  });

  test("only a dead-letter queue can be redriven", async () => {
    const SourceArn = "arn:aws:sqs:us-east-1:000000000000:jobs";
    await expect(world.sqs.send(new StartMessageMoveTaskCommand({ SourceArn }))).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
  });
});

describe("what is refused", () => {
  test("characters outside XML, but no emoji", async () => {
    await expect(world.send("jobs", "nul \u0000")).rejects.toMatchObject({ name: "InvalidMessageContents" });
    await expect(world.send("jobs", "half a pair \ud83d")).rejects.toMatchObject({ name: "InvalidMessageContents" });
    await world.send("jobs", "whole \u{1F389} pair");
    expect(bodies(await world.receive("jobs"))).toEqual(["whole \u{1F389} pair"]);
  });

  test("a message of more than 1 MiB, attributes counted; exactly 1 MiB passes", async () => {
    await expect(world.send("jobs", "x".repeat(1_048_577))).rejects.toMatchObject({ name: "InvalidParameterValue" });
    const MessageAttributes = { kind: { DataType: "String", StringValue: "y" } };
    await expect(world.send("jobs", "x".repeat(1_048_576), { MessageAttributes })).rejects.toThrow("shorter");
    await world.send("jobs", "x".repeat(1_048_576));
  });

  test("a batch over 1 MiB as a whole, though each of its messages would pass", async () => {
    const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(600_000) }));
    await expect(
      world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.url("jobs"), Entries })),
    ).rejects.toMatchObject({
      name: "BatchRequestTooLong",
    });
    expect(await world.receive("jobs")).toEqual([]);
  });

  test.each([
    ["EmptyBatchRequest", []],
    ["TooManyEntriesInBatchRequest", Array.from({ length: 11 }, (_value, index) => String(index))],
    ["BatchEntryIdsNotDistinct", ["a", "a"]],
    ["InvalidBatchEntryId", ["not so"]],
  ])("a batch as a whole: %s", async (name, ids) => {
    const Entries = ids.map((Id) => ({ Id, MessageBody: "x" }));
    await expect(
      world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.url("jobs"), Entries })),
    ).rejects.toMatchObject({
      name: expect.stringContaining(name),
    });
  });

  test("entries of a batch one by one, the others pass", async () => {
    const Entries = [
      { Id: "good", MessageBody: "a", MessageGroupId: "g", MessageDeduplicationId: "1" },
      { Id: "groupless", MessageBody: "b", MessageDeduplicationId: "2" },
      { Id: "nul", MessageBody: "\u0000", MessageGroupId: "g", MessageDeduplicationId: "3" },
      { Id: "idless", MessageBody: "c", MessageGroupId: "g" },
    ];
    const answer = await world.sqs.send(
      new SendMessageBatchCommand({ QueueUrl: world.url("per-group.fifo"), Entries }),
    );
    expect(answer.Successful).toMatchObject([{ Id: "good" }]);
    expect(answer.Failed).toMatchObject([
      { Id: "groupless", Code: "MissingParameter", SenderFault: true },
      { Id: "nul", Code: "InvalidMessageContents", SenderFault: true },
      { Id: "idless", Code: "InvalidParameterValue", SenderFault: true },
    ]);
    expect(bodies(await world.receive("per-group.fifo"))).toEqual(["a"]);
  });

  test("a delay of its own for a FIFO message", async () => {
    const more = { MessageGroupId: "g", MessageDeduplicationId: "1", DelaySeconds: 5 };
    await expect(world.send("per-group.fifo", "a", more)).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  test("a queue that does not exist", async () => {
    await expect(world.send("nowhere", "a")).rejects.toMatchObject({ name: "QueueDoesNotExist" });
  });
});

test("attributes travel with their digest, binary ones too", async () => {
  const MessageAttributes = {
    kind: { DataType: "String", StringValue: "é" },
    raw: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
  };
  await world.send("jobs", "a", { MessageAttributes });
  expect(await world.receive("jobs", { MessageAttributeNames: ["All"] })).toMatchObject([{ MessageAttributes }]);
});

test("a batch of deletes answers for every entry", async () => {
  await world.send("jobs", "a");
  const [message] = await world.receive("jobs");
  const Entries = [
    { Id: "real", ReceiptHandle: message?.ReceiptHandle },
    { Id: "rubbish", ReceiptHandle: "rubbish" },
  ];
  const answer = await world.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: world.url("jobs"), Entries }));
  expect(answer).toMatchObject({ Successful: [{ Id: "real" }], Failed: [{ Id: "rubbish", SenderFault: true }] });
});
