import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Clock, LaneQueues, SendResult } from "../pipeline/ports.ts";
import { escapeForSqs, LANE_MESSAGE_BYTES, SQS_CALL_BYTES } from "./sqs-text.ts";

/** Most messages of one SendMessageBatch. */
const MAX_MESSAGES = 10;
/** Tries per message before its record goes back to the events queue. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;

export interface SqsLaneQueuesOptions {
  readonly client: Pick<SQSClient, "send">;
  /** Address of a lane's queue. */
  readonly urlOf: (lane: string) => string;
  readonly clock: Pick<Clock, "sleep">;
}

interface Waiting {
  readonly body: string;
  readonly group: string;
  readonly delaySeconds: number;
  readonly index: number;
}

/**
 * The lanes' standard queues. A lost answer may put a message there twice: its lane drops what it delivered. The group
 * makes them fair queues: SQS hands out a quiet group's messages ahead of those of a group that takes up the lane.
 */
export function createSqsLaneQueues(options: SqsLaneQueuesOptions): LaneQueues {
  return {
    async send(lane, messages) {
      const results: SendResult[] = messages.map(() => ({ sent: false, reason: "MessageTooLong" }));
      const sendable = messages
        .map(({ body, delaySeconds = 0, group }, index): Waiting => {
          return { body: escapeForSqs(body), delaySeconds, group, index };
        })
        .filter(({ body }) => Buffer.byteLength(body) <= LANE_MESSAGE_BYTES);
      await Promise.all(chunks(sendable).map((chunk) => sendChunk(options.urlOf(lane), chunk, results, options)));
      return results;
    },
  };
}

function chunks(messages: readonly Waiting[]): Waiting[][] {
  const made: Waiting[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = Buffer.byteLength(message.body);
    const last = made.at(-1);
    if (last === undefined || last.length === MAX_MESSAGES || bytes > room) {
      made.push([message]);
      room = SQS_CALL_BYTES - bytes;
    } else {
      last.push(message);
      room -= bytes;
    }
  }
  return made;
}

async function sendChunk(
  url: string,
  chunk: readonly Waiting[],
  results: SendResult[],
  { client, clock }: SqsLaneQueuesOptions,
): Promise<void> {
  let waiting = chunk;
  for (let attempt = 1; ; attempt += 1) {
    waiting = await sendOnce(url, waiting, results, client);
    if (waiting.length === 0 || attempt === ATTEMPTS) return;
    await clock.sleep(FIRST_PAUSE_MS * 4 ** (attempt - 1));
  }
}

/** One call; answers what may be tried again. A 200 says nothing by itself: each entry has its own result. */
async function sendOnce(
  url: string,
  messages: readonly Waiting[],
  results: SendResult[],
  client: SqsLaneQueuesOptions["client"],
): Promise<Waiting[]> {
  try {
    const Entries = messages.map(({ body, delaySeconds, group, index }) => ({
      Id: String(index),
      MessageBody: body,
      MessageGroupId: group,
      ...(delaySeconds === 0 ? {} : { DelaySeconds: delaySeconds }),
    }));
    const { Successful = [], Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    const sent = new Map(Successful.map(({ Id, MessageId }) => [Id, MessageId ?? ""]));
    const failed = new Map(Failed.map((entry) => [entry.Id, entry]));
    return messages.filter(({ index }) => {
      const messageId = sent.get(String(index));
      const failure = failed.get(String(index));
      results[index] =
        messageId === undefined ? { sent: false, reason: failure?.Code ?? "NoAnswer" } : { sent: true, messageId };
      return messageId === undefined && failure?.SenderFault !== true;
    });
  } catch (error) {
    // The SDK has tried again what it holds for transient; more of it here would only use up the λ's time.
    const reason = error instanceof Error ? error.name : "SendFailed";
    for (const { index } of messages) results[index] = { sent: false, reason };
    return [];
  }
}
