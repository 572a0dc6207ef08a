import {
  ChangeMessageVisibilityBatchCommand,
  ReceiveMessageCommand,
  type SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { createSqsOwnLane } from "../../src/adapters/sqs-own-lane.ts";
import { type Fauxqs, startQueuesAndBuckets } from "../support/fauxqs.ts";
import { ownLaneQueueSuite } from "../support/own-lane-queue-suite.ts";

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startQueuesAndBuckets();
});
afterAll(() => fauxqs.close());

type Warning = { message: string; fields: unknown };

async function newLane(sqs: Pick<SQSClient, "send"> = fauxqs.sqs) {
  const warnings: Warning[] = [];
  const [queueUrl, deadLetterUrl] = [await fauxqs.createQueue(), await fauxqs.createQueue()];
  const log = {
    info() {},
    error() {},
    step() {},
    warn: (message: string, fields?: unknown) => void warnings.push({ message, fields }),
  };
  return { queueUrl, deadLetterUrl, warnings, queue: createSqsOwnLane({ queueUrl, deadLetterUrl, log, client: sqs }) };
}

async function takeAll(queueUrl: string) {
  const all = [];
  for (;;) {
    const { Messages = [] } = await fauxqs.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
    );
    if (Messages.length === 0) return all;
    all.push(...Messages);
  }
}

ownLaneQueueSuite(async () => {
  const asked = new Map<string, number>();
  // What SQS was asked and did not refuse: no API tells for how long a message is still hidden.
  const watching = {
    async send(command: never) {
      const answer = await fauxqs.sqs.send(command);
      if ((command as object) instanceof ChangeMessageVisibilityBatchCommand) {
        const { input } = command as ChangeMessageVisibilityBatchCommand;
        const failed = (answer as { Failed?: { Id?: string }[] }).Failed?.map(({ Id }) => Id) ?? [];
        for (const entry of input.Entries ?? []) {
          if (!failed.includes(entry.Id)) asked.set(entry.ReceiptHandle ?? "", entry.VisibilityTimeout ?? -1);
        }
      }
      return answer;
    },
  } as unknown as Pick<SQSClient, "send">;
  const lane = await newLane(watching);
  return {
    queue: lane.queue,
    async receive(bodies) {
      for (const body of bodies)
        await fauxqs.sqs.send(new SendMessageCommand({ QueueUrl: lane.queueUrl, MessageBody: body }));
      return (await takeAll(lane.queueUrl)).map(({ ReceiptHandle }) => ReceiptHandle ?? "");
    },
    hiddenSeconds: async (handles) => handles.map((handle) => asked.get(handle)),
    async deadLetters() {
      const messages = await takeAll(lane.deadLetterUrl);
      return messages.map(({ Body, MessageAttributes }) => ({
        body: Body ?? "",
        reason: MessageAttributes?.reason?.StringValue ?? "",
      }));
    },
  };
});

test("a message postponed by 0 seconds can be received again at once", async () => {
  const { queue, queueUrl } = await newLane();
  await fauxqs.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "again" }));
  const [first] = await takeAll(queueUrl);
  expect(await takeAll(queueUrl)).toEqual([]);
  await queue.postpone([{ receiptHandle: first?.ReceiptHandle ?? "", seconds: 0 }]);
  expect(await takeAll(queueUrl)).toEqual([expect.objectContaining({ Body: "again" })]);
});

test("what could not be postponed is counted in the log, and a call that fails is no reason to fail", async () => {
  const { queue, warnings } = await newLane();
  await queue.postpone([{ receiptHandle: "never given out", seconds: 10 }]);
  expect(warnings).toEqual([{ message: "messages could not be postponed", fields: { failed: 1, messages: 1 } }]);
  let calls = 0;
  const send = async () => {
    calls += 1;
    throw new Error("network");
  };
  const dead = await newLane({ send } as Pick<SQSClient, "send">);
  await dead.queue.postpone(Array.from({ length: 995 }, () => ({ receiptHandle: "h", seconds: 10 })));
  expect(dead.warnings).toEqual([
    { message: "messages could not be postponed", fields: { failed: 995, messages: 995 } },
  ]);
  // Those already under way, and not the other ninety: each would wait for its own timeout.
  expect(calls).toBe(10);
});

test("a body with what SQS refuses goes along escaped, and reads the same", async () => {
  const { deadLetterUrl, queue } = await newLane();
  await queue.deadLetter([{ body: JSON.stringify("a\uFFFEb\uFFFF"), reason: "late" }]);
  const [letter] = await takeAll(deadLetterUrl);
  expect(letter?.Body).toBe('"a\\ufffeb\\uffff"');
  expect(JSON.parse(letter?.Body ?? "")).toBe("a\uFFFEb\uFFFF");
});

test("a reason that SQS would refuse as an attribute goes along in a form that it takes", async () => {
  const { deadLetterUrl, queue } = await newLane();
  await queue.deadLetter([
    { body: "1", reason: "" },
    { body: "2", reason: "a\u0000b\uD800c" },
    { body: "3", reason: "😀".repeat(2_000) },
  ]);
  const reasons = (await takeAll(deadLetterUrl)).map(({ MessageAttributes }) => MessageAttributes?.reason?.StringValue);
  expect(reasons).toEqual(["unknown", "a b\uFFFDc", "😀".repeat(256)]);
});

/** SQS that refuses the entries with these bodies, for so many calls. */
function refusing(bodies: string[], calls: number) {
  const sent: (string | undefined)[][] = [];
  const send = async (command: SendMessageBatchCommand) => {
    const entries = command.input.Entries ?? [];
    sent.push(entries.map(({ MessageBody }) => MessageBody));
    const refused = entries.filter(({ MessageBody }) => sent.length <= calls && bodies.includes(MessageBody ?? ""));
    return {
      Successful: entries.filter((entry) => !refused.includes(entry)).map(({ Id }) => ({ Id })),
      Failed: refused.map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false })),
    };
  };
  return { sent, client: { send } as unknown as Pick<SQSClient, "send"> };
}

const letters = (...bodies: string[]) => bodies.map((body) => ({ body, reason: "r" }));

test("an entry that SQS refuses inside a 200 is sent once more, alone", async () => {
  const sqs = refusing(["b"], 1);
  const { queue } = await newLane(sqs.client);
  await queue.deadLetter(letters("a", "b", "c"));
  expect(sqs.sent).toEqual([["a", "b", "c"], ["b"]]);
});

test("dead letters that SQS goes on refusing are an error with its code", async () => {
  const { queue } = await newLane(refusing(["b"], 9).client);
  await expect(queue.deadLetter(letters("a", "b"))).rejects.toThrow(
    "1 messages did not reach the dead-letter queue: InternalError",
  );
});
