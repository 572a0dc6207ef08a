import { randomUUID } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import type { LocalQueue } from "./local-queue.ts";
import type { QueueInput } from "./queue-inputs.ts";

/** Messages moved per turn of the event loop when no velocity is asked for. */
const BATCH = 100;

interface MoveTask {
  readonly TaskHandle: string;
  readonly SourceArn: string;
  readonly DestinationArn: string | undefined;
  readonly MaxNumberOfMessagesPerSecond: number | undefined;
  readonly ApproximateNumberOfMessagesToMove: number;
  readonly StartedTimestamp: number;
  ApproximateNumberOfMessagesMoved: number;
  Status: "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED";
  FailureReason?: string;
}

/** `StartMessageMoveTask` and its kin: dead letters go back to where they came from, or to a queue of choice. */
export class MoveTasks {
  readonly #find: (arn: string) => LocalQueue | undefined;
  readonly #isDeadLetterQueue: (arn: string) => boolean;
  readonly #now: () => number;
  #tasks: MoveTask[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    find: (arn: string) => LocalQueue | undefined,
    isDeadLetterQueue: (arn: string) => boolean,
    now: () => number,
  ) {
    this.#find = find;
    this.#isDeadLetterQueue = isDeadLetterQueue;
    this.#now = now;
  }

  start(input: QueueInput): object {
    const source = this.#source(input.SourceArn);
    if (!this.#isDeadLetterQueue(source.arn)) {
      throw new AwsError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
    }
    if (input.DestinationArn !== undefined) this.#source(input.DestinationArn);
    if (this.#tasks.some((task) => task.SourceArn === source.arn && task.Status === "RUNNING")) {
      throw new AwsError(
        "UnsupportedOperation",
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        {
          queryCode: "AWS.SimpleQueueService.UnsupportedOperation",
        },
      );
    }
    const task: MoveTask = {
      TaskHandle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString("base64"),
      SourceArn: source.arn,
      DestinationArn: input.DestinationArn,
      MaxNumberOfMessagesPerSecond: input.MaxNumberOfMessagesPerSecond,
      ApproximateNumberOfMessagesToMove: source.counts().visible,
      StartedTimestamp: this.#now(),
      ApproximateNumberOfMessagesMoved: 0,
      Status: "RUNNING",
    };
    this.#tasks.push(task);
    this.#step(task, source);
    return { TaskHandle: task.TaskHandle };
  }

  list(input: QueueInput): object {
    const source = this.#source(input.SourceArn);
    const own = this.#tasks.filter((task) => task.SourceArn === source.arn).reverse();
    const Results = own.slice(0, input.MaxResults ?? 1).map(({ TaskHandle, ...shown }) => ({
      ...shown,
      // The handle is told only while there is something to cancel.
      ...(shown.Status === "RUNNING" ? { TaskHandle } : {}),
    }));
    return { Results };
  }

  cancel(input: QueueInput): object {
    const task = this.#tasks.find((candidate) => candidate.TaskHandle === input.TaskHandle);
    if (task === undefined || task.Status !== "RUNNING") {
      throw new AwsError("ResourceNotFoundException", "Task does not exist.", { status: 404 });
    }
    task.Status = "CANCELLED";
    return { ApproximateNumberOfMessagesMoved: task.ApproximateNumberOfMessagesMoved };
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#tasks = [];
  }

  #step(task: MoveTask, source: LocalQueue): void {
    if (task.Status !== "RUNNING") return;
    const perSecond = task.MaxNumberOfMessagesPerSecond;
    let left = perSecond ?? BATCH;
    while (left > 0 && task.Status === "RUNNING") {
      // A visibility timeout of a minute keeps consumers of the dead-letter queue off while the message changes place.
      const messages = source.receive(Math.min(10, left), 60_000);
      if (messages.length === 0) task.Status = "COMPLETED";
      for (const message of messages) {
        const target = this.#find(task.DestinationArn ?? message.deadLetterSourceArn ?? "");
        if (target === undefined) {
          source.changeVisibility(message, 0);
          task.Status = "FAILED";
          task.FailureReason = "CouldNotDetermineMessageSource";
          break;
        }
        source.remove(message);
        target.accept({ ...message, ...unreceived(this.#now()), dedupId: message.dedupId });
        task.ApproximateNumberOfMessagesMoved += 1;
      }
      left -= messages.length;
    }
    if (task.Status !== "RUNNING") return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#step(task, source);
      },
      perSecond === undefined ? 0 : 1000,
    );
    this.#timers.add(timer);
  }

  #source(arn: string | undefined): LocalQueue {
    const queue = this.#find(arn ?? "");
    if (queue !== undefined) return queue;
    throw new AwsError(
      "ResourceNotFoundException",
      "The resource that you specified for the SourceArn parameter doesn't exist.",
      {
        status: 404,
      },
    );
  }
}

/** A redriven message is a new one to its queue: new retention, no receives. */
function unreceived(now: number) {
  return {
    retainedFrom: now,
    receiveCount: 0,
    firstReceivedAt: undefined,
    receivedAt: undefined,
    visibleAt: now,
    receiptHandle: undefined,
    state: "gone" as const,
    deadLetterSourceArn: undefined,
  };
}
