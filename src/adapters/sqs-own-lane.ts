import { randomUUID } from "node:crypto";
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import type { Log, OwnLaneQueue } from "../pipeline/ports.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";
import { createSqsPostpone } from "./sqs-postpone.ts";
import { escapeForSqs } from "./sqs-text.ts";

/** SQS takes this many entries in one call. */
const ENTRIES_PER_CALL = 10;

/** Bytes of one call; SQS takes 1,048,576, attributes and names included. */
const BYTES_PER_CALL = 1_000_000;

/** Longest reason that goes along as an attribute; the record holds the rest. */
const REASON_CHARACTERS = 256;

/** Where the lane's messages come from and where the given-up ones go. */
export interface SqsOwnLaneOptions {
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
  readonly log: Log;
  readonly client?: Pick<SQSClient, "send">;
}

/** One lane's queue and DLQ on SQS. */
export function createSqsOwnLane(options: SqsOwnLaneOptions): OwnLaneQueue {
  const client =
    options.client ?? new SQSClient({ maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER });
  return {
    postpone: createSqsPostpone({ queueUrl: options.queueUrl, log: options.log, client }),
    async deadLetter(entries) {
      for (const portion of portions(entries.map(deadLetterEntry))) {
        await sendAll(client, options.deadLetterUrl, portion);
      }
    },
  };
}

function deadLetterEntry({ body, reason }: { body: string; reason: string }): SendMessageBatchRequestEntry {
  return {
    Id: randomUUID(),
    MessageBody: escapeForSqs(body),
    MessageAttributes: { reason: { DataType: "String", StringValue: attributeText(reason) } },
  };
}

/** SQS refuses an empty attribute and any character outside XML 1.0. */
function attributeText(text: string): string {
  const clean = text.toWellFormed().replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, " ");
  return [...clean].slice(0, REASON_CHARACTERS).join("") || "unknown";
}

function* portions(entries: readonly SendMessageBatchRequestEntry[]): Generator<SendMessageBatchRequestEntry[]> {
  let portion: SendMessageBatchRequestEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    // A reason is 1 KB at most, its name and type a few bytes.
    const size = Buffer.byteLength(entry.MessageBody ?? "") + 4 * REASON_CHARACTERS + 64;
    if (portion.length === ENTRIES_PER_CALL || (portion.length > 0 && bytes + size > BYTES_PER_CALL)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(entry);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

/** Sends until the queue has everything; what it refuses is tried once more. SQS answers 200 even when entries failed. */
async function sendAll(
  client: Pick<SQSClient, "send">,
  queueUrl: string,
  entries: readonly SendMessageBatchRequestEntry[],
): Promise<void> {
  let waiting = entries;
  let code = "no answer";
  for (let attempt = 1; attempt <= 2 && waiting.length > 0; attempt += 1) {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...waiting] }));
    const sent = new Set(answer.Successful?.map(({ Id }) => Id));
    code = answer.Failed?.[0]?.Code ?? code;
    waiting = waiting.filter(({ Id }) => !sent.has(Id));
  }
  if (waiting.length > 0) throw new Error(`${waiting.length} messages did not reach the dead-letter queue: ${code}`);
}
