import { type BatchResultErrorEntry, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Clock, EventQueue, FifoMessage, Random, SendResult } from "../pipeline/ports.ts";
import { AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";
import { escapeForSqs } from "./sqs-text.ts";

/** Most messages, and most bytes of all bodies, in one SendMessageBatch. */
const MAX_MESSAGES = 10;
const MAX_BYTES = 1024 * 1024;
/** Kept free for what SQS counts besides the body. */
const OVERHEAD_BYTES = 1024;
/** Calls in flight for one request. */
const MAX_PARALLEL = 5;
const ATTEMPTS = 3;
const FIRST_BACKOFF_MS = 50;

/** Errors that the same call would meet again. */
const PERMANENT = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
  "InvalidMessageContents",
  "UnsupportedOperation",
  "BatchRequestTooLong",
  // Given up at the deadline, which has passed for the next call too.
  "AbortError",
]);

export interface SqsEventQueueOptions {
  readonly client: Pick<SQSClient, "send">;
  readonly queueUrl: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * An SQS client for a function that a sender waits for: short timeouts, one try (the queue retries itself, per message),
 * and connections kept open between invocations.
 */
export function createIngestSqsClient(): SQSClient {
  return new SQSClient({
    maxAttempts: 1,
    requestHandler: { ...AWS_REQUEST_HANDLER, httpsAgent: { keepAlive: true, maxSockets: 25 } },
  });
}

/**
 * The FIFO events queue. Messages are split by count and bytes; messages of one group stay in order, because a group
 * goes through one of the parallel streams only. What SQS refuses is tried again unless it says the fault is ours, and
 * until the deadline: a call that is still open then is given up, so that the sender hears what was taken.
 */
export function createSqsEventQueue(options: SqsEventQueueOptions): EventQueue {
  return {
    async send(given, deadline = Number.POSITIVE_INFINITY) {
      // Before they are measured: escaped they are longer.
      const messages = given.map((message) => ({ ...message, body: escapeForSqs(message.body) }));
      const results = new Map<FifoMessage, SendResult>();
      const sending = { ...options, deadline, results };
      const streams = splitByGroup(messages);
      await Promise.all(
        streams.map(async (stream) => {
          for (const chunk of chunks(stream)) await sendChunk(chunk, sending);
        }),
      );
      return messages.map((message) => results.get(message) ?? { sent: false, reason: "NotSent" });
    },
  };
}

// Whole groups go to the stream with the fewest messages, as few streams as fill their batches.
function splitByGroup(messages: readonly FifoMessage[]): FifoMessage[][] {
  const count = Math.min(MAX_PARALLEL, Math.ceil(messages.length / MAX_MESSAGES));
  const streams = Array.from({ length: count }, (): FifoMessage[] => []);
  const homes = new Map<string, FifoMessage[]>();
  for (const message of messages) {
    const home = homes.get(message.groupId) ?? streams.reduce((a, b) => (b.length < a.length ? b : a));
    homes.set(message.groupId, home);
    home.push(message);
  }
  return streams;
}

function chunks(messages: readonly FifoMessage[]): FifoMessage[][] {
  const result: FifoMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body) + OVERHEAD_BYTES;
    const last = result.at(-1);
    if (last === undefined || last.length === MAX_MESSAGES || bytes + size > MAX_BYTES) {
      result.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return result;
}

/** One request's messages on their way. */
interface Sending extends SqsEventQueueOptions {
  /** Epoch ms. */
  readonly deadline: number;
  readonly results: Map<FifoMessage, SendResult>;
}

async function sendChunk(chunk: readonly FifoMessage[], sending: Sending): Promise<void> {
  const { clock, random, deadline } = sending;
  let waiting = chunk;
  for (let attempt = 1; waiting.length > 0 && clock.now() < deadline; attempt += 1) {
    const failures = await sendOnce(waiting, sending);
    waiting = waiting.filter((message) => failures.get(message) === "again");
    if (attempt === ATTEMPTS || waiting.length === 0) return;
    const pauseMs = FIRST_BACKOFF_MS * 4 ** (attempt - 1) * (0.5 + random.fraction() / 2);
    if (clock.now() + pauseMs >= deadline) return;
    await clock.sleep(pauseMs);
  }
}

/** Sends and records results; tells which messages failed and may be tried again. */
async function sendOnce(
  messages: readonly FifoMessage[],
  { client, queueUrl, clock, deadline, results }: Sending,
): Promise<Map<FifoMessage, "again" | "never">> {
  const failures = new Map<FifoMessage, "again" | "never">();
  const fail = (message: FifoMessage, reason: string, never: boolean) => {
    results.set(message, { sent: false, reason });
    failures.set(message, never ? "never" : "again");
  };
  try {
    const answer = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages.map((message, index) => ({
          Id: String(index),
          MessageBody: message.body,
          MessageGroupId: message.groupId,
          MessageDeduplicationId: message.deduplicationId,
        })),
      }),
      deadline === Number.POSITIVE_INFINITY
        ? {}
        : { abortSignal: AbortSignal.timeout(Math.max(1, Math.ceil(deadline - clock.now()))) },
    );
    const sent = new Map(answer.Successful?.map((entry) => [entry.Id, entry.MessageId]));
    const failed = new Map(
      answer.Failed?.map((entry): [string | undefined, BatchResultErrorEntry] => [entry.Id, entry]),
    );
    for (const [index, message] of messages.entries()) {
      const messageId = sent.get(String(index));
      const refusal = failed.get(String(index));
      // Neither list names it: it may or may not be there, and SQS drops the copy if it is.
      if (messageId !== undefined) results.set(message, { sent: true, messageId });
      else fail(message, refusal?.Code ?? "NoAnswer", refusal?.SenderFault === true);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.name : "Unknown";
    for (const message of messages) fail(message, reason, PERMANENT.has(reason));
  }
  return failures;
}
