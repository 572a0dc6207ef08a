import type { EventSourceMappingModel } from "./model.ts";
import type { Services } from "./services.ts";

/** A message as the JSON protocol of SQS gives it. */
export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
  readonly MD5OfMessageAttributes?: string;
}

/** A message attribute on the wire; binary values are base64 text there. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** The queue of one mapping, used with the rights of the mapping's function. */
export interface SourceQueue {
  /** Fails with the service's error when the function's role does not allow what a poller needs. */
  checkAccess(): Promise<void>;
  /** Up to ten messages; waits `waitSeconds` (0 to 20) for the first one, less when the signal aborts. */
  receive(count: number, waitSeconds: number, signal: AbortSignal): Promise<readonly ReceivedMessage[]>;
  /** Deletes any number of messages, ten a call. */
  delete(receiptHandles: readonly string[]): Promise<void>;
}

/** Calls of DeleteMessageBatch under way at once: enough to hide latency, few enough not to starve the functions. */
const PARALLEL_DELETES = 4;

/**
 * Reads and deletes through the gateway as the function: AWS polls with the function's role, so a role without
 * `sqs:ReceiveMessage`, `sqs:DeleteMessage` or `sqs:GetQueueAttributes` must not work here either.
 */
export function sourceQueueOf(
  services: Pick<Services, "call">,
  mapping: EventSourceMappingModel,
  queueUrl: string,
): SourceQueue {
  const call = (operation: string, input: Readonly<Record<string, unknown>>, signal?: AbortSignal) =>
    services.call(mapping.functionArn, "sqs", operation, { QueueUrl: queueUrl, ...input }, signal);
  const deleteTen = async (handles: readonly string[]): Promise<void> => {
    const Entries = handles.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }));
    const { Failed } = await call("DeleteMessageBatch", { Entries });
    // Not fatal, as on AWS: the message is seen again. But it must not go unsaid.
    if (Array.isArray(Failed) && Failed.length > 0) throw new Error(`not deleted: ${JSON.stringify(Failed[0])}`);
  };
  return {
    async checkAccess() {
      await call("GetQueueAttributes", { AttributeNames: ["QueueArn"] });
      await unlessDenied(call("DeleteMessage", { ReceiptHandle: "access-check" }));
    },
    async receive(count, waitSeconds, signal) {
      const input = { MaxNumberOfMessages: count, WaitTimeSeconds: waitSeconds };
      const names = { MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] };
      const output = await call("ReceiveMessage", { ...input, ...names }, signal);
      return (output.Messages ?? []) as readonly ReceivedMessage[];
    },
    async delete(receiptHandles) {
      const tens: (readonly string[])[] = [];
      for (let at = 0; at < receiptHandles.length; at += 10) tens.push(receiptHandles.slice(at, at + 10));
      for (let at = 0; at < tens.length; at += PARALLEL_DELETES) {
        await Promise.all(tens.slice(at, at + PARALLEL_DELETES).map(deleteTen));
      }
    },
  };
}

/** The handle is made up, so only a refusal of the caller means anything. */
async function unlessDenied(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    const name = typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
    if (name.startsWith("AccessDenied")) throw error;
  }
}
