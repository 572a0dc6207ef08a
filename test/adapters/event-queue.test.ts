import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AWS_REQUEST_HANDLER } from "../../src/adapters/aws-timeouts.ts";
import { createMemoryEventQueue } from "../../src/adapters/memory/event-queue.ts";
import { createSqsEventQueue } from "../../src/adapters/sqs-event-queue.ts";
import type { EventQueue, FifoMessage } from "../../src/pipeline/ports.ts";
import { type Fauxqs, startQueuesAndBuckets } from "../support/fauxqs.ts";

interface Subject {
  queue: EventQueue;
  /** Bodies that arrived, in order of their group. */
  arrived(): Promise<string[]>;
}

const clock = { now: () => 0, sleep: async () => {} };
const random = { uuid: () => "id", fraction: () => 0.5 };

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startQueuesAndBuckets();
});
afterAll(() => fauxqs.close());

async function sqsSubject(): Promise<Subject> {
  const client = fauxqs.sqs;
  const queueUrl = await fauxqs.createQueue({
    FifoQueue: "true",
    DeduplicationScope: "messageGroup",
    FifoThroughputLimit: "perMessageGroupId",
  });
  return {
    queue: createSqsEventQueue({ client, queueUrl, clock, random }),
    async arrived() {
      const bodies: string[] = [];
      for (;;) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return bodies;
        bodies.push(...Messages.map((message) => message.Body ?? ""));
        for (const { ReceiptHandle } of Messages) {
          await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
        }
      }
    },
  };
}

async function memorySubject(): Promise<Subject> {
  const queue = createMemoryEventQueue();
  return { queue, arrived: async () => queue.messages.map((message) => message.body) };
}

function message(n: number, groupId = `g${n % 3}`): FifoMessage {
  return { body: `${groupId}:${n}`, groupId, deduplicationId: `d${n}` };
}

describe.each([
  ["SQS", sqsSubject],
  ["memory", memorySubject],
])("the events queue in %s", (_name, open) => {
  test("takes more than one call's worth, answers in order, keeps each group's order", async () => {
    const { queue, arrived } = await open();
    const messages = [...Array(47).keys()].map((n) => message(n));
    const results = await queue.send(messages);
    expect(results.map((result) => result.sent)).toEqual(messages.map(() => true));
    const bodies = await arrived();
    expect([...bodies].sort()).toEqual(messages.map(({ body }) => body).sort());
    for (const group of ["g0", "g1", "g2"]) {
      const numbers = bodies.filter((body) => body.startsWith(`${group}:`)).map((body) => Number(body.split(":")[1]));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  test("splits by bytes", async () => {
    const { queue, arrived } = await open();
    const big = [1, 2, 3].map((n) => ({ ...message(n), body: String(n).repeat(500_000) }));
    expect((await queue.send(big)).every((result) => result.sent)).toBe(true);
    expect(await arrived()).toHaveLength(3);
  });

  test("answers a copy like the first and keeps one", async () => {
    const { queue, arrived } = await open();
    const [first] = await queue.send([message(1)]);
    expect(await queue.send([message(1)])).toEqual([first]);
    expect(await arrived()).toHaveLength(1);
  });

  test("sends nothing for nothing", async () => {
    const { queue } = await open();
    expect(await queue.send([])).toEqual([]);
  });

  test("refuses what is over 1 MiB without touching its neighbours", async () => {
    const { queue } = await open();
    const results = await queue.send([message(1), { ...message(2), body: "x".repeat(1024 * 1024 + 1) }]);
    expect(results.map((result) => result.sent)).toEqual([true, false]);
  });
});

describe("what SQS refuses", () => {
  /** A client that answers with these, call by call: codes by body, or a thrown error's name. */
  function scripted(...answers: (Record<string, { code: string; ours?: boolean }> | string)[]) {
    const calls: string[][] = [];
    const sleeps: number[] = [];
    const send = async (command: { input: { Entries: { Id: string; MessageBody: string }[] } }) => {
      const { Entries } = command.input;
      const answer = answers[calls.length] ?? {};
      calls.push(Entries.map((entry) => entry.MessageBody));
      if (typeof answer === "string") throw Object.assign(new Error(answer), { name: answer });
      return {
        Successful: Entries.filter((it) => !(it.MessageBody in answer)).map((it) => ({
          Id: it.Id,
          MessageId: `m${it.Id}`,
        })),
        Failed: Entries.filter(
          (it) => answer[it.MessageBody]?.code !== undefined && answer[it.MessageBody]?.code !== "",
        ).map((it) => ({
          Id: it.Id,
          Code: answer[it.MessageBody]?.code,
          SenderFault: answer[it.MessageBody]?.ours ?? false,
        })),
      };
    };
    const slow = { now: () => 0, sleep: async (ms: number) => void sleeps.push(ms) };
    const queue = createSqsEventQueue({ client: { send } as never, queueUrl: "q", clock: slow, random });
    return { queue, calls, sleeps };
  }
  const three = ["a", "b", "c"].map((body) => ({ body, groupId: "g", deduplicationId: body }));

  test("is sent again alone, with growing waits", async () => {
    const { queue, calls, sleeps } = scripted({ b: { code: "InternalError" } }, { b: { code: "InternalError" } });
    expect((await queue.send(three)).map((result) => result.sent)).toEqual([true, true, true]);
    expect(calls).toEqual([["a", "b", "c"], ["b"], ["b"]]);
    expect(sleeps).toEqual([37.5, 150]);
  });

  test("is reported after three attempts, with its code", async () => {
    const bad = { b: { code: "InternalError" } };
    const { queue, calls } = scripted(bad, bad, bad);
    expect((await queue.send(three))[1]).toEqual({ sent: false, reason: "InternalError" });
    expect(calls).toHaveLength(3);
  });

  test("is not sent again when the fault is ours", async () => {
    const { queue, calls, sleeps } = scripted({ b: { code: "InvalidMessageContents", ours: true } });
    expect((await queue.send(three))[1]).toEqual({ sent: false, reason: "InvalidMessageContents" });
    expect([calls.length, sleeps]).toEqual([1, []]);
  });

  test("counts as not sent when no list names it", async () => {
    const silent = { b: { code: "" } };
    const { queue } = scripted(silent, silent, silent);
    expect((await queue.send(three))[1]).toEqual({ sent: false, reason: "NoAnswer" });
  });

  test("a lost answer is asked again, a missing permission is not", async () => {
    const lost = scripted("TimeoutError");
    expect((await lost.queue.send(three)).every((result) => result.sent)).toBe(true);
    expect(lost.calls).toHaveLength(2);
    const denied = scripted("AccessDenied");
    expect(await denied.queue.send(three)).toEqual(three.map(() => ({ sent: false, reason: "AccessDenied" })));
    expect(denied.calls).toHaveLength(1);
  });

  test("is not sent again past the deadline, nor is what has not been sent at all", async () => {
    const calls: number[] = [];
    let now = 0;
    const send = async () => {
      calls.push(now);
      now += 4_000;
      throw Object.assign(new Error("x"), { name: "TimeoutError" });
    };
    const sleep = async (ms: number) => {
      now += ms;
    };
    const moving = { now: () => now, sleep };
    const queue = createSqsEventQueue({ client: { send } as never, queueUrl: "q", clock: moving, random });
    const twoChunks = [...Array(11).keys()].map((n) => message(n, "one-group"));
    const results = await queue.send(twoChunks, 7_000);
    expect(calls).toEqual([0, 4_037.5]);
    expect(results).toEqual([
      ...twoChunks.slice(0, 10).map(() => ({ sent: false, reason: "TimeoutError" })),
      { sent: false, reason: "NotSent" },
    ]);
  });

  test("is not there: code points that SQS refuses travel escaped, counted by their escaped bytes", async () => {
    const { queue, calls } = scripted();
    // 3 bytes each as they are, 6 escaped: together they fit into one call only as they are.
    const text = JSON.stringify({ name: "\uFFFE\uFFFF".repeat(60_000) });
    const results = await queue.send([1, 2].map((n) => ({ ...message(n, "g"), body: text })));
    expect(results.map((result) => result.sent)).toEqual([true, true]);
    expect(calls.map((bodies) => bodies.length)).toEqual([1, 1]);
    for (const body of calls.flat()) {
      expect(body).not.toMatch(/[\uFFFE\uFFFF]/);
      expect(JSON.parse(body)).toEqual(JSON.parse(text));
    }
  });

  test("500 messages of many people take 50 calls", async () => {
    const { queue, calls } = scripted();
    await queue.send([...Array(500).keys()].map((n) => message(n, `person-${n}`)));
    expect(calls).toHaveLength(50);
  });
});

describe("a queue that takes requests and never answers", () => {
  let silent: Server;
  const sockets: Socket[] = [];
  const open = (requestTimeout: number) => {
    const hanging = new SQSClient({
      endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
      requestHandler: { ...AWS_REQUEST_HANDLER, requestTimeout },
    });
    return createSqsEventQueue({ client: hanging, queueUrl: "http://127.0.0.1/q", clock, random });
  };

  beforeAll(async () => {
    silent = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => silent.close(() => resolve()));
  });

  test("is asked three times", async () => {
    const before = sockets.length;
    expect(await open(20).send([message(1)])).toEqual([{ sent: false, reason: "TimeoutError" }]);
    expect(sockets.length - before).toBe(3);
  });

  test("is given up at the deadline, however long one call may take", async () => {
    const before = sockets.length;
    const deadline = clock.now() + 60;
    expect(await open(600_000).send([message(1)], deadline)).toEqual([{ sent: false, reason: "AbortError" }]);
    expect(sockets.length - before).toBe(1);
  });
});
