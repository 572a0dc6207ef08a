import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { type Services, startServices } from "../src/services.ts";
import { DATA_RESOURCES, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

// Each statement here is one that the SQS documentation makes; the client is Amazon's own.

let services: Services;
let sqs: SQSClient;
let nowMs = Date.parse("2026-03-01T10:00:00Z");

beforeEach(async () => {
  services = await startServices({
    cdkOutDir: writeAssembly({ Resources: DATA_RESOURCES }),
    secretsFile: `${temporaryDirectory()}/secrets.json`,
    log: () => {},
    now: () => nowMs,
  });
  const credentials = services.operatorCredentials;
  sqs = new SQSClient({ endpoint: services.gatewayUrl, region: "us-east-1", credentials, maxAttempts: 1 });
});

afterEach(async () => {
  sqs.destroy();
  await services.stop();
});

const url = (name: string) => `${services.gatewayUrl}/000000000000/${name}`;
const bodies = (messages: readonly Message[]) => messages.map((message) => message.Body);

function send(queue: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) {
  return sqs.send(new SendMessageCommand({ QueueUrl: url(queue), MessageBody, ...more }));
}

function sendFifo(queue: string, MessageBody: string, MessageGroupId: string, MessageDeduplicationId = MessageBody) {
  return send(queue, MessageBody, { MessageGroupId, MessageDeduplicationId });
}

async function receive(queue: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const input = { QueueUrl: url(queue), MaxNumberOfMessages: 10, ...more };
  const { Messages } = await sqs.send(new ReceiveMessageCommand(input));
  return Messages ?? [];
}

function remove(queue: string, message: Message | undefined) {
  return sqs.send(new DeleteMessageCommand({ QueueUrl: url(queue), ReceiptHandle: message?.ReceiptHandle }));
}

function hide(queue: string, message: Message | undefined, VisibilityTimeout: number) {
  const input = { QueueUrl: url(queue), ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout };
  return sqs.send(new ChangeMessageVisibilityCommand(input));
}

describe("duplicates in a FIFO queue", () => {
  test("are counted in NumberOfDeduplicatedSentMessages, once each", async () => {
    for (const body of ["a", "a", "a", "b"]) await sendFifo("per-group.fifo", body, "g1");
    const sample = () => fetch(`${services.gatewayUrl}/_local/alarms/evaluate`, { method: "POST" });
    await sample();
    await sample();
    const cloudWatch = new CloudWatchClient({
      endpoint: services.gatewayUrl,
      region: "us-east-1",
      credentials: services.operatorCredentials,
    });
    const Dimensions = [{ Name: "QueueName", Value: "per-group.fifo" }];
    const Metric = { Namespace: "AWS/SQS", MetricName: "NumberOfDeduplicatedSentMessages", Dimensions };
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs - 300_000),
        EndTime: new Date(nowMs + 300_000),
        MetricDataQueries: [{ Id: "m", MetricStat: { Metric, Period: 300, Stat: "Sum" } }],
      }),
    );
    cloudWatch.destroy();
    expect(MetricDataResults?.[0]?.Values).toEqual([2]);
  });

  test("with scope messageGroup the same id in another group is another message", async () => {
    const first = await sendFifo("per-group.fifo", "a", "g1", "same");
    const copy = await sendFifo("per-group.fifo", "a", "g1", "same");
    const other = await sendFifo("per-group.fifo", "b", "g2", "same");
    expect(copy.MessageId).toBe(first.MessageId);
    expect(copy.SequenceNumber).toBe(first.SequenceNumber);
    expect(other.MessageId).not.toBe(first.MessageId);
    const [message] = await receive("per-group.fifo", { MessageSystemAttributeNames: ["All"] });
    expect(message?.Attributes).toMatchObject({ MessageDeduplicationId: "same", MessageGroupId: "g1" });
  });

  test("with scope queue it is the same message", async () => {
    const first = await sendFifo("per-queue.fifo", "a", "g1", "same");
    const other = await sendFifo("per-queue.fifo", "b", "g2", "same");
    expect(other.MessageId).toBe(first.MessageId);
    expect(bodies(await receive("per-queue.fifo"))).toEqual(["a"]);
  });

  test("a deleted message still has copies dropped, until five minutes after it was sent", async () => {
    await sendFifo("per-group.fifo", "a", "g");
    const [message] = await receive("per-group.fifo");
    await remove("per-group.fifo", message);
    nowMs += 299_000;
    await sendFifo("per-group.fifo", "a", "g");
    expect(await receive("per-group.fifo")).toEqual([]);
    nowMs += 1_000;
    await sendFifo("per-group.fifo", "a", "g");
    expect(bodies(await receive("per-group.fifo"))).toEqual(["a"]);
  });

  test("content based deduplication goes by the body", async () => {
    const first = await send("per-queue.fifo", "a", { MessageGroupId: "g" });
    const copy = await send("per-queue.fifo", "a", { MessageGroupId: "g" });
    expect(copy.MessageId).toBe(first.MessageId);
  });
});

describe("order in a FIFO queue", () => {
  test("one receive may take several messages of a group and of several groups", async () => {
    for (const [body, group] of ["a1 a", "b1 b", "a2 a"].map((pair) => pair.split(" "))) {
      await sendFifo("per-group.fifo", body ?? "", group ?? "");
    }
    expect(bodies(await receive("per-group.fifo"))).toEqual(["a1", "a2", "b1"]);
  });

  test("a group stays closed while one of its messages is in flight", async () => {
    for (const body of ["a1", "a2", "a3"]) await sendFifo("per-group.fifo", body, "a");
    const [a1, a2] = await receive("per-group.fifo", { MaxNumberOfMessages: 2 });
    await sendFifo("per-group.fifo", "b1", "b");
    expect(bodies(await receive("per-group.fifo"))).toEqual(["b1"]);
    await remove("per-group.fifo", a1);
    expect(await receive("per-group.fifo")).toEqual([]);
    await remove("per-group.fifo", a2);
    expect(bodies(await receive("per-group.fifo"))).toEqual(["a3"]);
  });

  test("what comes back after its visibility timeout comes back at its old place", async () => {
    for (const body of ["a1", "a2", "a3"]) await sendFifo("per-queue.fifo", body, "a");
    await receive("per-queue.fifo", { MaxNumberOfMessages: 2 });
    nowMs += 30_000;
    expect(bodies(await receive("per-queue.fifo"))).toEqual(["a1", "a2", "a3"]);
  });

  test("what is hidden for less time comes back at its old place, when all of its group that is in flight is back", async () => {
    for (const body of ["a1", "a2", "a3"]) await sendFifo("per-queue.fifo", body, "a");
    const [a1, a2] = await receive("per-queue.fifo", { MaxNumberOfMessages: 2 });
    await hide("per-queue.fifo", a1, 2);
    nowMs += 2_000;
    expect(await receive("per-queue.fifo")).toEqual([]);
    await hide("per-queue.fifo", a2, 2);
    nowMs += 1_999;
    expect(await receive("per-queue.fifo")).toEqual([]);
    nowMs += 1;
    expect(bodies(await receive("per-queue.fifo"))).toEqual(["a1", "a2", "a3"]);
  });

  test("the handle of an expired receive deletes nothing", async () => {
    await sendFifo("per-queue.fifo", "a", "a");
    const [message] = await receive("per-queue.fifo");
    nowMs += 30_000;
    await expect(remove("per-queue.fifo", message)).rejects.toMatchObject({ name: "InvalidParameterValue" });
    expect(bodies(await receive("per-queue.fifo"))).toEqual(["a"]);
  });
});

describe("visibility in a standard queue", () => {
  test("a message comes back when its timeout is over, changed or not, and at once for zero", async () => {
    await send("jobs", "a");
    const [first] = await receive("jobs");
    await hide("jobs", first, 60);
    nowMs += 59_000;
    expect(await receive("jobs")).toEqual([]);
    await hide("jobs", first, 0);
    expect(bodies(await receive("jobs"))).toEqual(["a"]);
  });

  test("a timeout cannot be changed once the message is gone", async () => {
    await send("jobs", "a");
    const [message] = await receive("jobs");
    await remove("jobs", message);
    await expect(hide("jobs", message, 5)).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await expect(hide("jobs", { ReceiptHandle: "rubbish" }, 5)).rejects.toMatchObject({
      name: "ReceiptHandleIsInvalid",
    });
  });

  test("a delayed message is not seen before its time", async () => {
    await send("jobs", "a", { DelaySeconds: 10 });
    expect(await receive("jobs")).toEqual([]);
    nowMs += 10_000;
    expect(bodies(await receive("jobs"))).toEqual(["a"]);
  });

  test("a message older than the retention is gone", async () => {
    await send("jobs", "a");
    nowMs += 345_600_000;
    expect(await receive("jobs")).toEqual([]);
  });

  test("a long poll ends when a message arrives", async () => {
    const waiting = receive("jobs", { WaitTimeSeconds: 20 });
    await send("jobs", "a");
    expect(bodies(await waiting)).toEqual(["a"]);
  });

  test("a long poll that was given up takes no message", async () => {
    const giveUp = new AbortController();
    const input = { QueueUrl: url("jobs"), WaitTimeSeconds: 20 };
    const waiting = services.call("operator", "sqs", "ReceiveMessage", input, giveUp.signal);
    giveUp.abort();
    expect(await waiting).toEqual({});
    await send("jobs", "a");
    expect(bodies(await receive("jobs"))).toEqual(["a"]);
  });

  test("attributes count what is visible, in flight and delayed", async () => {
    await send("jobs", "a");
    await send("jobs", "b");
    await send("jobs", "c", { DelaySeconds: 5 });
    await receive("jobs", { MaxNumberOfMessages: 1 });
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url("jobs"), AttributeNames: ["All"] }),
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
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: url("jobs"), Entries }));
    }
  };

  test("a backlog of one does not hold up another, and the group comes along", async () => {
    await fill("noisy", 40);
    const first = await receive("jobs");
    await fill("quiet", 3);
    const next = await receive("jobs", { MessageSystemAttributeNames: ["MessageGroupId"] });
    expect(bodies(next).slice(0, 3)).toEqual(["quiet0", "quiet1", "quiet2"]);
    expect(next.map(({ Attributes }) => Attributes?.MessageGroupId)).toEqual([
      ...Array.from({ length: 3 }, () => "quiet"),
      ...Array.from({ length: 7 }, () => "noisy"),
    ]);
    const rest = await Promise.all([receive("jobs"), receive("jobs"), receive("jobs")]);
    const all = [...first, ...next, ...rest.flat()];
    expect(new Set(bodies(all)).size).toBe(43);
  });

  test("no order and no deduplication come with it", async () => {
    await fill("g", 2);
    // In a FIFO queue the group would be closed now.
    expect(bodies(await receive("jobs", { MaxNumberOfMessages: 1 }))).toEqual(["g0"]);
    expect(bodies(await receive("jobs", { MaxNumberOfMessages: 1 }))).toEqual(["g1"]);
    await send("jobs", "same", { MessageGroupId: "g" });
    await send("jobs", "same", { MessageGroupId: "g" });
    expect(bodies(await receive("jobs"))).toEqual(["same", "same"]);
  });

  test("a dead letter keeps its group, and a name that no FIFO queue would take is refused", async () => {
    await send("jobs", "dead", { MessageGroupId: "g" });
    for (let time = 0; time < 3; time += 1) {
      await receive("jobs");
      nowMs += 30_000;
    }
    const [dead] = await receive("jobs-dead", { MessageSystemAttributeNames: ["All"] });
    expect(dead?.Attributes).toMatchObject({ MessageGroupId: "g" });
    expect(dead?.Attributes).not.toHaveProperty("SequenceNumber");
    await expect(send("jobs", "x", { MessageGroupId: "with space" })).rejects.toThrow("MessageGroupId");
  });
});

describe("dead letters", () => {
  async function failTwice(): Promise<void> {
    await send("jobs", "poison");
    for (let time = 1; time <= 2; time += 1) {
      expect(bodies(await receive("jobs"))).toEqual(["poison"]);
      nowMs += 30_000;
    }
  }

  test("a message moves on the receive after the last one allowed, not on its failure", async () => {
    await failTwice();
    expect(await receive("jobs-dead")).toEqual([]);
    expect(await receive("jobs")).toEqual([]);
    const [dead] = await receive("jobs-dead", { MessageSystemAttributeNames: ["All"] });
    expect(dead).toMatchObject({
      Body: "poison",
      Attributes: { DeadLetterQueueSourceArn: "arn:aws:sqs:us-east-1:000000000000:jobs" },
    });
  });

  test("in a FIFO queue a dead letter no longer holds its group up", async () => {
    await sendFifo("per-group.fifo", "poison", "g");
    await sendFifo("per-group.fifo", "next", "g");
    await receive("per-group.fifo", { MaxNumberOfMessages: 1 });
    nowMs += 30_000;
    expect(bodies(await receive("per-group.fifo"))).toEqual(["next"]);
    expect(bodies(await receive("per-group-dead.fifo"))).toEqual(["poison"]);
  });

  test("a redrive brings messages back with their receives forgotten", async () => {
    await failTwice();
    await receive("jobs");
    const SourceArn = "arn:aws:sqs:us-east-1:000000000000:jobs-dead";
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    const [message] = await receive("jobs", { MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
    expect(message).toMatchObject({ Body: "poison", Attributes: { ApproximateReceiveCount: "1" } });
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
    expect(Results).toMatchObject([{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 }]);
  });

  test("only a dead-letter queue can be redriven", async () => {
    const SourceArn = "arn:aws:sqs:us-east-1:000000000000:jobs";
    await expect(sqs.send(new StartMessageMoveTaskCommand({ SourceArn }))).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
  });
});

describe("what is refused", () => {
  test("characters outside XML, but no emoji", async () => {
    await expect(send("jobs", "nul \u0000")).rejects.toMatchObject({ name: "InvalidMessageContents" });
    await expect(send("jobs", "half a pair \ud83d")).rejects.toMatchObject({ name: "InvalidMessageContents" });
    await send("jobs", "whole \u{1F389} pair");
    expect(bodies(await receive("jobs"))).toEqual(["whole \u{1F389} pair"]);
  });

  test("a message of more than 1 MiB, attributes counted; exactly 1 MiB passes", async () => {
    await expect(send("jobs", "x".repeat(1_048_577))).rejects.toMatchObject({ name: "InvalidParameterValue" });
    const MessageAttributes = { kind: { DataType: "String", StringValue: "y" } };
    await expect(send("jobs", "x".repeat(1_048_576), { MessageAttributes })).rejects.toThrow("shorter");
    await send("jobs", "x".repeat(1_048_576));
  });

  test("a batch over 1 MiB as a whole, though each of its messages would pass", async () => {
    const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(600_000) }));
    await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl: url("jobs"), Entries }))).rejects.toMatchObject({
      name: "BatchRequestTooLong",
    });
    expect(await receive("jobs")).toEqual([]);
  });

  test.each([
    ["EmptyBatchRequest", []],
    ["TooManyEntriesInBatchRequest", Array.from({ length: 11 }, (_value, index) => String(index))],
    ["BatchEntryIdsNotDistinct", ["a", "a"]],
    ["InvalidBatchEntryId", ["not so"]],
  ])("a batch as a whole: %s", async (name, ids) => {
    const Entries = ids.map((Id) => ({ Id, MessageBody: "x" }));
    await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl: url("jobs"), Entries }))).rejects.toMatchObject({
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
    const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url("per-group.fifo"), Entries }));
    expect(answer.Successful).toMatchObject([{ Id: "good" }]);
    expect(answer.Failed).toMatchObject([
      { Id: "groupless", Code: "MissingParameter", SenderFault: true },
      { Id: "nul", Code: "InvalidMessageContents", SenderFault: true },
      { Id: "idless", Code: "InvalidParameterValue", SenderFault: true },
    ]);
    expect(bodies(await receive("per-group.fifo"))).toEqual(["a"]);
  });

  test("a delay of its own for a FIFO message", async () => {
    const more = { MessageGroupId: "g", MessageDeduplicationId: "1", DelaySeconds: 5 };
    await expect(send("per-group.fifo", "a", more)).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  test("a queue that does not exist", async () => {
    await expect(send("nowhere", "a")).rejects.toMatchObject({ name: "QueueDoesNotExist" });
  });
});

test("attributes travel with their digest, binary ones too", async () => {
  const MessageAttributes = {
    kind: { DataType: "String", StringValue: "é" },
    raw: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
  };
  await send("jobs", "a", { MessageAttributes });
  expect(await receive("jobs", { MessageAttributeNames: ["All"] })).toMatchObject([{ MessageAttributes }]);
});

test("a batch of deletes answers for every entry", async () => {
  await send("jobs", "a");
  const [message] = await receive("jobs");
  const Entries = [
    { Id: "real", ReceiptHandle: message?.ReceiptHandle },
    { Id: "rubbish", ReceiptHandle: "rubbish" },
  ];
  const answer = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url("jobs"), Entries }));
  expect(answer).toMatchObject({ Successful: [{ Id: "real" }], Failed: [{ Id: "rubbish", SenderFault: true }] });
});
