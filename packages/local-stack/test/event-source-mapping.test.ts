import { EventSourceMapping, type EventSourceMappingOptions } from "../src/event-source-mapping.ts";
import type { EventSourceMappingModel, InvokeResult } from "../src/model.ts";
import type { ReceivedMessage, SourceQueue } from "../src/source-queue.ts";
import { mappingModel } from "./support/mapping-model.ts";

interface Receive {
  readonly count: number;
  readonly waitSeconds: number;
}

/** A queue whose every receive is answered by the test, so that each step of a poller can be seen. */
class ScriptedQueue implements SourceQueue {
  readonly receives: Receive[] = [];
  readonly deleted: string[] = [];
  denied: Error | undefined;
  #script: (readonly ReceivedMessage[] | Error)[];
  #whenDry = Promise.withResolvers<void>();

  constructor(...script: (readonly ReceivedMessage[] | Error)[]) {
    this.#script = script;
  }

  /** Resolves when the script is used up and the poller waits for more. */
  get dry(): Promise<void> {
    return this.#whenDry.promise;
  }

  checkAccess(): Promise<void> {
    return this.denied === undefined ? Promise.resolve() : Promise.reject(this.denied);
  }

  receive(count: number, waitSeconds: number, signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
    // The first receive is the one `start` checks the role with.
    this.receives.push({ count, waitSeconds });
    if (this.receives.length === 1) return Promise.resolve([]);
    const next = this.#script.shift();
    if (next instanceof Error) return Promise.reject(next);
    if (next !== undefined) return Promise.resolve(next.slice(0, count));
    this.#whenDry.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve([])));
  }

  delete(receiptHandles: readonly string[]): Promise<void> {
    this.deleted.push(...receiptHandles);
    return Promise.resolve();
  }
}

function message(id: string, body = "{}"): ReceivedMessage {
  const Attributes = {
    ApproximateReceiveCount: "1",
    SentTimestamp: "1",
    SenderId: "me",
    ApproximateFirstReceiveTimestamp: "2",
  };
  return { MessageId: id, ReceiptHandle: `handle-${id}`, Body: body, MD5OfBody: "md5", Attributes };
}

const many = (from: number, count: number, body?: string) =>
  Array.from({ length: count }, (_, at) => message(String(from + at), body));

const MODEL = mappingModel();

type Batch = { Records: Record<string, unknown>[] };

function mappingOf(
  queue: SourceQueue,
  model: Partial<EventSourceMappingModel> = {},
  answer: (batch: Batch) => InvokeResult | Promise<InvokeResult> = () => ({ ok: true, payload: null }),
  changes: Partial<EventSourceMappingOptions> = {},
) {
  const batches: Batch[] = [];
  const problems: string[] = [];
  const invoker = {
    invoke: async (_arn: string, payload: unknown) => {
      batches.push(payload as Batch);
      return answer(payload as Batch);
    },
  };
  const mapping = new EventSourceMapping({
    model: { ...MODEL, ...model },
    region: "us-east-1",
    queue,
    invoker,
    onProblem: (problem) => problems.push(problem),
    ...changes,
  });
  const ids = () => batches.map(({ Records }) => Records.map((record) => record.messageId));
  return { mapping, batches, problems, ids };
}

async function drain(queue: ScriptedQueue, mapping: EventSourceMapping): Promise<void> {
  await mapping.start();
  await queue.dry;
  await mapping.stop();
}

test("records have the form Lambda documents", async () => {
  const full: ReceivedMessage = {
    ...message("m1", "hello"),
    MessageAttributes: {
      kind: { DataType: "String", StringValue: "x" },
      raw: { DataType: "Binary", BinaryValue: "AA==" },
    },
    MD5OfMessageAttributes: "md5a",
  };
  const queue = new ScriptedQueue([full]);
  const { mapping, batches } = mappingOf(queue);
  await drain(queue, mapping);
  expect(batches).toEqual([
    {
      Records: [
        {
          messageId: "m1",
          receiptHandle: "handle-m1",
          body: "hello",
          attributes: full.Attributes,
          messageAttributes: {
            kind: { stringValue: "x", stringListValues: [], binaryListValues: [], dataType: "String" },
            raw: { binaryValue: "AA==", stringListValues: [], binaryListValues: [], dataType: "Binary" },
          },
          md5OfMessageAttributes: "md5a",
          md5OfBody: "md5",
          eventSource: "aws:sqs",
          eventSourceARN: MODEL.queueArn,
          awsRegion: "us-east-1",
        },
      ],
    },
  ]);
  expect(queue.deleted).toEqual(["handle-m1"]);
});

const failures = (...ids: unknown[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

test.each([
  ["null", null, ["1", "2", "3"]],
  ["nothing of meaning", {}, ["1", "2", "3"]],
  ["a null list", { batchItemFailures: null }, ["1", "2", "3"]],
  ["an empty list", failures(), ["1", "2", "3"]],
  ["one failure", failures("2"), ["1", "3"]],
  ["all failures", failures("1", "2", "3"), []],
  ["an unknown id", failures("2", "9"), []],
  ["an empty id", failures("2", ""), []],
  ["a null id", failures(null), []],
  ["a wrong key", { batchItemFailures: [{ id: "2" }] }, []],
  ["a list that is none", { batchItemFailures: "2" }, []],
  ["text", "done", []],
])("an answer of %s deletes what succeeded", async (_name, answer, deleted) => {
  const queue = new ScriptedQueue(many(1, 3));
  const { mapping } = mappingOf(queue, {}, () => ({ ok: true, payload: answer }));
  await drain(queue, mapping);
  expect(queue.deleted).toEqual(deleted.map((id) => `handle-${id}`));
});

test("without ReportBatchItemFailures the answer means nothing", async () => {
  const queue = new ScriptedQueue(many(1, 2));
  const { mapping } = mappingOf(queue, { reportBatchItemFailures: false }, () => ({
    ok: true,
    payload: failures("1"),
  }));
  await drain(queue, mapping);
  expect(queue.deleted).toEqual(["handle-1", "handle-2"]);
});

test.each(["handler_error", "timeout", "throttled", "out_of_memory", "init_error"] as const)(
  "after %s nothing is deleted and polling goes on",
  async (error) => {
    const queue = new ScriptedQueue(many(1, 2), many(3, 1));
    const results: InvokeResult[] = [{ ok: false, error, message: "no" }];
    const { mapping } = mappingOf(queue, {}, () => results.shift() ?? { ok: true, payload: null });
    await drain(queue, mapping);
    expect(queue.deleted).toEqual(["handle-3"]);
  },
);

/** Time moves only as the poller sleeps or long-polls. */
function windowClock() {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    advance: (ms: number) => {
      nowMs += ms;
    },
    clock: {
      now: () => nowMs,
      sleep: (ms: number) => {
        slept.push(ms);
        nowMs += ms;
        return Promise.resolve();
      },
    },
  };
}

test("a full batch leaves at once; a window closes a part-filled one", async () => {
  const time = windowClock();
  const queue = new ScriptedQueue(
    many(1, 10),
    many(11, 10),
    many(21, 5),
    many(26, 3),
    many(29, 1),
    [],
    [],
    many(30, 1),
  );
  const received = queue.receive.bind(queue);
  queue.receive = async (count, waitSeconds, signal) => {
    const messages = await received(count, waitSeconds, signal);
    // An empty answer took the whole wait; messages came after 400 ms.
    time.advance(messages.length === 0 ? waitSeconds * 1000 : 400);
    return messages;
  };
  const { mapping, ids } = mappingOf(queue, { batchSize: 25, windowSeconds: 2 }, undefined, { clock: time.clock });
  await drain(queue, mapping);
  expect(ids().map((batch) => batch.length)).toEqual([25, 5]);
  expect(queue.receives.slice(1, 9)).toEqual([
    { count: 10, waitSeconds: 20 },
    { count: 10, waitSeconds: 2 },
    { count: 5, waitSeconds: 1 },
    { count: 10, waitSeconds: 20 },
    { count: 10, waitSeconds: 2 },
    { count: 10, waitSeconds: 1 },
    // The last 600 ms of the window are slept once the queue is empty.
    { count: 10, waitSeconds: 0 },
    { count: 10, waitSeconds: 0 },
  ]);
  expect(time.slept[0]).toBe(600);
});

test("a backlog fills batches without a pause, also in the last second of a window", async () => {
  const time = windowClock();
  const queue = new ScriptedQueue(...Array.from({ length: 10 }, (_, at) => many(at * 10, 10)));
  const received = queue.receive.bind(queue);
  queue.receive = (count, waitSeconds, signal) => {
    time.advance(1);
    return received(count, waitSeconds, signal);
  };
  const { mapping, ids } = mappingOf(queue, { batchSize: 50, windowSeconds: 1 }, undefined, { clock: time.clock });
  await drain(queue, mapping);
  expect(ids().map((batch) => batch.length)).toEqual([50, 50]);
  expect(time.slept).toEqual([]);
});

test("a batch stays under Lambda's payload limit and the rest opens the next one", async () => {
  const queue = new ScriptedQueue(many(1, 10, "x".repeat(1_000_000)));
  const { mapping, ids } = mappingOf(queue);
  await drain(queue, mapping);
  expect(ids()).toEqual([
    ["1", "2", "3", "4", "5", "6"],
    ["7", "8", "9", "10"],
  ]);
  expect(queue.deleted).toHaveLength(10);
});

test("no more batches are in the function than the concurrency allows, and none is received beyond", async () => {
  const queue = new ScriptedQueue(many(1, 10), many(11, 10), many(21, 10));
  const held: (() => void)[] = [];
  const [second, third] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const answer = () =>
    new Promise<InvokeResult>((resolve) => {
      held.push(() => resolve({ ok: true, payload: null }));
      if (held.length === 2) second.resolve();
      if (held.length === 3) third.resolve();
    });
  const { mapping, batches } = mappingOf(queue, { maximumConcurrency: 2 }, answer);
  await mapping.start();
  await second.promise;
  expect([batches.length, queue.receives.length]).toEqual([2, 3]);
  held[0]?.();
  await third.promise;
  held[1]?.();
  held[2]?.();
  await queue.dry;
  await mapping.stop();
  expect(queue.deleted).toHaveLength(30);
});

test("a role that may not poll stops the start with the reason", async () => {
  const queue = new ScriptedQueue();
  queue.denied = Object.assign(new Error("not authorized to perform: sqs:GetQueueAttributes"), {
    name: "AccessDenied",
  });
  const { mapping } = mappingOf(queue);
  await expect(mapping.start()).rejects.toThrow(
    /Mapping: the role of .*:f cannot poll .*:q: AccessDenied: not authorized/,
  );
});

test("a failing poll is told and tried again after a second", async () => {
  const time = windowClock();
  const queue = new ScriptedQueue(new Error("connection reset"), many(1, 1));
  const { mapping, problems } = mappingOf(queue, {}, undefined, { clock: time.clock });
  await drain(queue, mapping);
  expect(problems).toEqual(["Mapping: polling failed: Error: connection reset"]);
  expect(time.slept).toEqual([1000]);
  expect(queue.deleted).toEqual(["handle-1"]);
});

test("a disabled mapping never asks", async () => {
  const off = new ScriptedQueue(many(1, 1));
  const disabled = mappingOf(off, { enabled: false });
  await disabled.mapping.start();
  await disabled.mapping.stop();
  expect(off.receives).toEqual([]);
});

test.each([
  [{ queueArn: `${MODEL.queueArn}.fifo`, batchSize: 11 }, /FIFO/],
  [{ queueArn: `${MODEL.queueArn}.fifo`, windowSeconds: 1 }, /FIFO/],
  [{ batchSize: 100 }, /window/],
])("a mapping AWS would not create is refused: %j", (model, why) => {
  expect(() => mappingOf(new ScriptedQueue(), model)).toThrow(why);
});

test("what was received before the switch was turned still runs, and a mapping can be turned on again", async () => {
  const queue = new ScriptedQueue(many(1, 10, "x".repeat(1_000_000)), many(11, 1));
  const release = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  const { mapping, ids } = mappingOf(
    queue,
    {},
    async () => {
      first.resolve();
      await release.promise;
      return { ok: true, payload: null };
    },
    { maxConcurrency: 1 },
  );
  await mapping.start();
  await first.promise;
  const disabled = mapping.disable();
  expect(mapping.state).toBe("Disabling");
  release.resolve();
  await disabled;
  expect(mapping.state).toBe("Disabled");
  expect(ids().map((batch) => batch.length)).toEqual([6, 4]);
  expect(queue.deleted).toHaveLength(10);

  mapping.enable();
  expect(mapping.state).toBe("Enabled");
  await queue.dry;
  await mapping.stop();
  expect(ids().at(-1)).toEqual(["11"]);
});
