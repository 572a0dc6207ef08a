import { ChangeMessageVisibilityBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Log, OwnLaneQueue } from "../pipeline/ports.ts";

/** SQS takes this many entries in one call. */
const ENTRIES_PER_CALL = 10;

/** Calls under way at once: a failed batch of thousands is hidden within the time that is kept free for it. */
const PARALLEL_CALLS = 10;

/** The queue whose messages are hidden. */
export interface SqsPostponeOptions {
  readonly client: Pick<SQSClient, "send">;
  readonly queueUrl: string;
  readonly log: Pick<Log, "warn">;
}

/** Hides messages of one queue, standard or FIFO, by the receipt handles under which they were received. Never throws. */
export function createSqsPostpone({ client, log, queueUrl }: SqsPostponeOptions): OwnLaneQueue["postpone"] {
  return async (entries) => {
    const waiting = Array.from({ length: Math.ceil(entries.length / ENTRIES_PER_CALL) }, (_, index) =>
      entries.slice(index * ENTRIES_PER_CALL, (index + 1) * ENTRIES_PER_CALL),
    );
    let failed = 0;
    const worker = async (): Promise<void> => {
      for (let portion = waiting.shift(); portion !== undefined; portion = waiting.shift()) {
        // Not `failed += await ...`, which reads the sum before the call and loses what others added meanwhile.
        const refused = await hide(client, queueUrl, portion);
        failed += refused ?? portion.length;
        // No answer at all: more calls to such a queue would only use up the λ's time.
        if (refused === undefined) failed += waiting.splice(0).flat().length;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_CALLS }, worker));
    // Not worth failing for: those come back when the queue's own visibility timeout ends.
    if (failed > 0) log.warn("messages could not be postponed", { failed, messages: entries.length });
  };
}

/** How many entries SQS refused; undefined when it did not answer. */
async function hide(
  client: Pick<SQSClient, "send">,
  queueUrl: string,
  entries: readonly { receiptHandle: string; seconds: number }[],
): Promise<number | undefined> {
  const command = new ChangeMessageVisibilityBatchCommand({
    QueueUrl: queueUrl,
    Entries: entries.map(({ receiptHandle, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    })),
  });
  try {
    return (await client.send(command)).Failed?.length ?? 0;
  } catch {
    return undefined;
  }
}
