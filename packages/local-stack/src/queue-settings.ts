import type { LocalQueue, QueueSettings } from "./local-queue.ts";
import type { QueueModel } from "./model.ts";
import { MAX_MESSAGE_BYTES } from "./queue-inputs.ts";

/** What `GetQueueAttributes` tells of these names: the template's settings, SQS's defaults, and the counts of now. */
export function attributesOf(
  { model, queue }: { readonly model: QueueModel; readonly queue: LocalQueue },
  names: readonly string[],
): Record<string, string> {
  const counts = queue.counts();
  const all: Record<string, string> = {
    DelaySeconds: "0",
    MaximumMessageSize: String(MAX_MESSAGE_BYTES),
    MessageRetentionPeriod: "345600",
    ReceiveMessageWaitTimeSeconds: "0",
    VisibilityTimeout: "30",
    ...model.attributes,
    QueueArn: model.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
  };
  if (names.includes("All")) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

function redrivePolicy(model: QueueModel): { deadLetterTargetArn?: string; maxReceiveCount?: number | string } {
  return JSON.parse(model.attributes.RedrivePolicy ?? "{}") as ReturnType<typeof redrivePolicy>;
}

/** Which queue takes its dead letters; undefined: none. */
export function deadLetterArn(model: QueueModel): string | undefined {
  return redrivePolicy(model).deadLetterTargetArn;
}

/** What of a template's queue decides how its messages move. */
export function settingsOf(model: QueueModel, deadLetterTo: LocalQueue | undefined): QueueSettings {
  const { attributes } = model;
  return {
    isFifo: attributes.FifoQueue === "true",
    dedupPerGroup: attributes.DeduplicationScope === "messageGroup",
    retentionMs: Number(attributes.MessageRetentionPeriod ?? 345_600) * 1000,
    maxReceiveCount:
      deadLetterTo === undefined ? Number.POSITIVE_INFINITY : Number(redrivePolicy(model).maxReceiveCount ?? 10),
    deadLetterTo,
  };
}
