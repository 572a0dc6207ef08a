import { createHash } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import { LocalQueue, type QueueJournal } from "./local-queue.ts";
import type { QueueModel } from "./model.ts";
import { MoveTasks } from "./move-tasks.ts";
import { checkBatch, checkBatchBytes, inRange, invalidValue, missing, refusalOf } from "./queue-checks.ts";
import { MAX_MESSAGE_BYTES, type QueueInput, type SendInput } from "./queue-inputs.ts";
import { md5, md5OfAttributes, messageBytes } from "./queue-message.ts";
import { presentMessage } from "./queue-presentation.ts";
import { attributesOf, deadLetterArn, settingsOf } from "./queue-settings.ts";

interface QueueEntry {
  readonly model: QueueModel;
  readonly queue: LocalQueue;
}

type Operation = (input: QueueInput, signal?: AbortSignal) => unknown;

/** What the queues of a stack are made with. */
export interface QueuesOptions {
  readonly models: readonly QueueModel[];
  readonly gatewayUrl: string;
  readonly now: () => number;
  readonly journal?: QueueJournal;
}

/** The queues of a stack behind the operations of SQS. */
export class Queues {
  readonly #entries = new Map<string, QueueEntry>();
  readonly #gatewayUrl: string;
  readonly #moves: MoveTasks;
  readonly #operations: Readonly<Record<string, Operation>> = {
    SendMessage: (input) => this.#send(input),
    SendMessageBatch: (input) => this.#sendBatch(input),
    ReceiveMessage: (input, signal) => this.#receive(input, signal),
    DeleteMessage: (input) => this.#delete(this.#find(input), input.ReceiptHandle),
    DeleteMessageBatch: (input) => this.#batch(input, (found, entry) => this.#delete(found, entry.ReceiptHandle)),
    ChangeMessageVisibility: (input) => this.#changeVisibility(this.#find(input), input),
    ChangeMessageVisibilityBatch: (input) => this.#batch(input, (found, entry) => this.#changeVisibility(found, entry)),
    GetQueueUrl: (input) => ({ QueueUrl: this.#url(this.#named(input.QueueName ?? "").model.name) }),
    GetQueueAttributes: (input) => ({ Attributes: attributesOf(this.#find(input), input.AttributeNames ?? []) }),
    ListQueues: (input) => ({ QueueUrls: this.#names(input.QueueNamePrefix ?? "").map((name) => this.#url(name)) }),
    ListQueueTags: (input) => this.#run(input, () => {}),
    ListDeadLetterSourceQueues: (input) => this.#sourcesOf(this.#find(input)),
    PurgeQueue: (input) => this.#run(input, (queue) => queue.purge()),
    StartMessageMoveTask: (input) => this.#moves.start(input),
    ListMessageMoveTasks: (input) => this.#moves.list(input),
    CancelMessageMoveTask: (input) => this.#moves.cancel(input),
  };

  constructor(options: QueuesOptions) {
    this.#gatewayUrl = options.gatewayUrl;
    for (const model of options.models) {
      const queue = new LocalQueue(model.name, model.arn, settingsOf(model, undefined), options.now, options.journal);
      this.#entries.set(model.name, { model, queue });
    }
    for (const { model, queue } of this.#entries.values())
      queue.settings = settingsOf(model, this.#deadLetterQueue(model));
    this.#moves = new MoveTasks(
      (arn) => this.byArn(arn),
      (arn) => this.#sourceOf(arn) !== undefined,
      options.now,
    );
    for (const { queue } of this.#entries.values()) queue.restore();
  }

  /** Runs one operation on the input and output shapes of SQS's JSON protocol. */
  async call(operation: string, input: QueueInput, signal?: AbortSignal): Promise<Record<string, unknown>> {
    const run = this.#operations[operation];
    if (run === undefined) {
      throw new AwsError("UnsupportedOperation", `sqs:${operation} does not run in the local stack`, {
        queryCode: "AWS.SimpleQueueService.UnsupportedOperation",
      });
    }
    return (await run(input, signal)) as Record<string, unknown>;
  }

  byArn(arn: string): LocalQueue | undefined {
    return this.#entries.get(arn.slice(arn.lastIndexOf(":") + 1))?.queue;
  }

  all(): LocalQueue[] {
    return [...this.#entries.values()].map(({ queue }) => queue);
  }

  /** Ends long polls and redrives. */
  close(): void {
    this.#moves.close();
    for (const { queue } of this.#entries.values()) queue.close();
  }

  /** Operations that answer nothing. */
  #run(input: QueueInput, action: (queue: LocalQueue) => void): object {
    action(this.#find(input).queue);
    return {};
  }

  #send(input: QueueInput): unknown {
    const found = this.#find(input);
    const refusal = this.#refusal(found, input);
    if (refusal !== undefined) throw refusal;
    return this.#enqueue(found, input);
  }

  #sendBatch(input: QueueInput): unknown {
    const entries = input.Entries ?? [];
    const found = this.#find(input);
    checkBatch(entries);
    checkBatchBytes(entries.reduce((sum, entry) => sum + sizeOf(entry), 0));
    return this.#batch(input, (_found, entry) => {
      const refusal = this.#refusal(found, entry);
      if (refusal !== undefined) throw refusal;
      return this.#enqueue(found, entry);
    });
  }

  /** A batch succeeds as a whole: what fails is told per entry. */
  #batch(
    input: QueueInput,
    run: (found: QueueEntry, entry: NonNullable<QueueInput["Entries"]>[number]) => object,
  ): unknown {
    const found = this.#find(input);
    const entries = input.Entries ?? [];
    checkBatch(entries);
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of entries) {
      try {
        Successful.push({ Id: entry.Id, ...run(found, entry) });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Failed.push({ Id: entry.Id, SenderFault: error.status < 500, Code: error.code, Message: error.message });
      }
    }
    return { Successful, Failed };
  }

  #refusal({ model, queue }: QueueEntry, entry: SendInput): AwsError | undefined {
    const maxBytes = Number(model.attributes.MaximumMessageSize ?? MAX_MESSAGE_BYTES);
    return refusalOf(entry, queue.settings.isFifo, model.attributes.ContentBasedDeduplication === "true", maxBytes);
  }

  #enqueue({ model, queue }: QueueEntry, entry: SendInput): object {
    const { isFifo } = queue.settings;
    const body = entry.MessageBody ?? "";
    const attributes = entry.MessageAttributes ?? {};
    const delaySeconds = entry.DelaySeconds || Number(model.attributes.DelaySeconds ?? 0);
    const dedupId = entry.MessageDeduplicationId ?? createHash("sha256").update(body).digest("hex");
    const stored = queue.send({
      body,
      attributes,
      groupId: entry.MessageGroupId,
      dedupId: isFifo ? dedupId : undefined,
      delayMs: delaySeconds * 1000,
    });
    const attributesDigest = md5OfAttributes(attributes);
    return {
      MessageId: stored.id,
      MD5OfMessageBody: md5(body),
      ...(attributesDigest === undefined ? {} : { MD5OfMessageAttributes: attributesDigest }),
      ...(isFifo ? { SequenceNumber: String(stored.sequence).padStart(20, "0") } : {}),
    };
  }

  async #receive(input: QueueInput, signal?: AbortSignal): Promise<unknown> {
    const { model, queue } = this.#find(input);
    const max = inRange("MaxNumberOfMessages", input.MaxNumberOfMessages, 1, 1, 10);
    const timeout = Number(model.attributes.VisibilityTimeout ?? 30);
    const visibilityMs = inRange("VisibilityTimeout", input.VisibilityTimeout, timeout, 0, 43_200) * 1000;
    const queueWait = Number(model.attributes.ReceiveMessageWaitTimeSeconds ?? 0);
    // Waiting is real time even when a test's clock stands still.
    const until = performance.now() + inRange("WaitTimeSeconds", input.WaitTimeSeconds, queueWait, 0, 20) * 1000;
    const isAborted = () => signal?.aborted === true;
    let messages = queue.receive(max, visibilityMs);
    while (messages.length === 0 && performance.now() < until && !isAborted()) {
      await queue.waitForMessages(until - performance.now(), signal);
      if (!isAborted()) messages = queue.receive(max, visibilityMs);
    }
    return messages.length === 0 ? {} : { Messages: messages.map((message) => presentMessage(message, input)) };
  }

  #delete({ queue }: QueueEntry, handle: string | undefined): object {
    const found = queue.findByHandle(checkHandle(queue, handle));
    if (found === undefined) return {};
    if (!found.current && queue.settings.isFifo) {
      throw invalidValue(
        `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
      );
    }
    queue.remove(found.message);
    return {};
  }

  #changeVisibility({ queue }: QueueEntry, input: { ReceiptHandle?: string; VisibilityTimeout?: number }): object {
    const handle = checkHandle(queue, input.ReceiptHandle);
    if (input.VisibilityTimeout === undefined) throw missing("VisibilityTimeout");
    const seconds = inRange("VisibilityTimeout", input.VisibilityTimeout, 0, 0, 43_200);
    const found = queue.findByHandle(handle);
    if (found?.current !== true) {
      throw invalidValue(
        `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    queue.changeVisibility(found.message, seconds * 1000);
    return {};
  }

  #find(input: QueueInput): QueueEntry {
    if (!input.QueueUrl) throw missing("QueueUrl");
    return this.#named(input.QueueUrl.slice(input.QueueUrl.lastIndexOf("/") + 1));
  }

  #named(name: string): QueueEntry {
    const found = this.#entries.get(name);
    if (found !== undefined) return found;
    throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.", {
      queryCode: "AWS.SimpleQueueService.NonExistentQueue",
    });
  }

  #names(prefix: string): string[] {
    return [...this.#entries.keys()].filter((name) => name.startsWith(prefix));
  }

  #url(name: string): string {
    return `${this.#gatewayUrl}/000000000000/${name}`;
  }

  #sourcesOf({ model }: QueueEntry): object {
    const sources = [...this.#entries.values()].filter((other) => deadLetterArn(other.model) === model.arn);
    return { queueUrls: sources.map((source) => this.#url(source.model.name)) };
  }

  #sourceOf(arn: string): LocalQueue | undefined {
    return [...this.#entries.values()].find((entry) => deadLetterArn(entry.model) === arn)?.queue;
  }

  #deadLetterQueue(model: QueueModel): LocalQueue | undefined {
    const arn = deadLetterArn(model);
    if (arn === undefined) return undefined;
    const target = this.byArn(arn);
    if (target === undefined) throw new Error(`${model.logicalId}: its dead-letter queue ${arn} is not in the stack`);
    if (target.settings.isFifo !== (model.attributes.FifoQueue === "true")) {
      throw new Error(`${model.logicalId}: a FIFO queue needs a FIFO dead-letter queue, a standard one a standard one`);
    }
    return target;
  }
}

function checkHandle(queue: LocalQueue, handle: string | undefined): string {
  if (!handle) throw missing("ReceiptHandle");
  if (Buffer.from(handle, "base64").toString().startsWith(`${queue.name}\n`)) return handle;
  throw new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
}

function sizeOf(entry: SendInput): number {
  return messageBytes(entry.MessageBody ?? "", entry.MessageAttributes ?? {});
}
