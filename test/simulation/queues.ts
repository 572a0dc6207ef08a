import type { SQSClient } from "@aws-sdk/client-sqs";
import { AwsError } from "../../packages/local-stack/src/aws-error.ts";
import type { QueueModel } from "../../packages/local-stack/src/model.ts";
import type { QueueInput } from "../../packages/local-stack/src/queue-inputs.ts";
import type { QueueMessage } from "../../packages/local-stack/src/queue-message.ts";
import { Queues } from "../../packages/local-stack/src/queues.ts";
import type { Container, RunContext } from "./container.ts";
import type { FaultShares } from "./fault-plan.ts";

const ACCOUNT = "000000000000";
const FORTNIGHT_SECONDS = 14 * 86_400;

/** One queue with its dead-letter queue, which is named after it. */
export interface QueuePlan {
  readonly name: string;
  readonly fifo: boolean;
  readonly visibilitySeconds: number;
  readonly maxReceiveCount: number;
}

/** Faults of the queues: of whole calls, and the share of entries that a call refuses while it takes the others. */
export interface QueueFaults {
  readonly calls: FaultShares;
  readonly entries: number;
}

/** SQS as the run has it: the local stack's queues on virtual time, behind clients that fail. */
export interface SimulatedQueues {
  /** What an adapter of this container talks to. */
  client(container: Container, shares?: FaultShares): Pick<SQSClient, "send">;
  receive(queue: string, max: number): QueueMessage[];
  remove(queue: string, handle: string): void;
  /** Makes a message that somebody holds visible to others at once, as an at-least-once queue may. */
  expose(queue: string, handle: string): void;
  /** Puts a body there without a producer. */
  plant(queue: string, body: string): void;
  /** Moves the dead letters back to where they came from, as `StartMessageMoveTask` does. */
  redrive(queue: string): void;
  list(queue: string): QueueMessage[];
  visibilityMs(queue: string): number;
  /** Told when messages may be there to receive, after so many ms. */
  onMessages: (queue: string, afterMs: number) => void;
}

export function deadLettersOf(queue: string): string {
  return queue.endsWith(".fifo") ? `${queue.slice(0, -".fifo".length)}-dlq.fifo` : `${queue}-dlq`;
}

export function queueUrl(queue: string): string {
  return `https://sqs.example/${ACCOUNT}/${queue}`;
}

/** Empty queues and dead-letter queues. */
export function createQueues(
  plans: readonly QueuePlan[],
  { calls, entries }: QueueFaults,
  context: RunContext,
  queued: (queue: string, body: string) => void,
  /** A FIFO queue answered with a message that it had already. */
  dropped: (queue: string) => void,
): SimulatedQueues {
  const { faults, tell, time } = context;
  const engine = new Queues({
    models: plans.flatMap(modelsOf),
    gatewayUrl: "https://sqs.example",
    now: time.now,
  });
  const queueOf = (name: string) => {
    const queue = engine.byArn(arnOf(name));
    if (queue === undefined) throw new Error(`no queue ${name}`);
    return queue;
  };

  const known = new Set<string>();
  function noteDropped(queue: string, { Successful = [] }: { Successful?: { MessageId?: string }[] }): void {
    for (const { MessageId = "" } of Successful) {
      if (known.has(MessageId)) dropped(queue);
      known.add(MessageId);
    }
  }

  async function run(operation: string, input: QueueInput): Promise<Record<string, unknown>> {
    const name = input.QueueUrl?.split("/").at(-1) ?? "";
    // The engine does its work before it first waits, so that the effect is at one instant.
    const answer = engine.call(operation, input).catch((error: unknown) => {
      throw error instanceof AwsError ? named(error.code) : error;
    });
    if (operation === "SendMessageBatch") {
      for (const { DelaySeconds: delay = 0, MessageBody: body = "" } of input.Entries ?? []) {
        queued(name, body);
        world.onMessages(name, delay === 0 ? 0 : delay * 1_000 + 1);
      }
      answer.then(
        (sent) => noteDropped(name, sent),
        () => {},
      );
    }
    if (operation === "ChangeMessageVisibilityBatch") {
      for (const { VisibilityTimeout: seconds = 0 } of input.Entries ?? []) world.onMessages(name, seconds * 1_000 + 1);
    }
    return answer;
  }

  const world: SimulatedQueues = {
    onMessages: () => {},
    client: (container, shares = calls) =>
      ({
        async send(command: object) {
          const operation = command.constructor.name.replace(/Command$/, "");
          const input = (command as { input: QueueInput }).input;
          const label = `${operation} ${input.QueueUrl?.split("/").at(-1)}`;
          const refused = (input.Entries ?? []).filter(() =>
            faults.strikes(container.nextPoint(`${label} entry`), entries),
          );
          const taken = (input.Entries ?? []).filter((entry) => !refused.includes(entry));
          return container.call({
            label,
            shares,
            tookMs: 12,
            timeoutMs: 6_000,
            error: (kind) => named(kind === "refused" ? "ServiceUnavailable" : "TimeoutError"),
            async effect() {
              const answer = taken.length === 0 ? {} : await run(operation, { ...input, Entries: taken });
              const failed = refused.map(({ Id }) => ({ Id, SenderFault: false, Code: "InternalError" }));
              return { ...answer, Failed: [...((answer.Failed as object[] | undefined) ?? []), ...failed] };
            },
          });
        },
      }) as Pick<SQSClient, "send">,
    receive(name, max) {
      const visibleMs = world.visibilityMs(name);
      const messages = queueOf(name).receive(max, visibleMs);
      if (messages.length > 0) world.onMessages(name, visibleMs + 1);
      return messages;
    },
    remove(name, handle) {
      const queue = queueOf(name);
      const found = queue.findByHandle(handle);
      // A FIFO queue refuses a receipt handle whose time is over; a standard queue takes it.
      if (found !== undefined && (found.current || !queue.settings.isFifo)) queue.remove(found.message);
      world.onMessages(name, 0);
    },
    expose(name, handle) {
      const queue = queueOf(name);
      const found = queue.findByHandle(handle);
      if (found?.current === true) queue.changeVisibility(found.message, 0);
      world.onMessages(name, 0);
    },
    plant(name, body) {
      const fifo = name.endsWith(".fifo") ? { MessageGroupId: "planted", MessageDeduplicationId: "planted" } : {};
      void run("SendMessageBatch", { QueueUrl: queueUrl(name), Entries: [{ Id: "0", MessageBody: body, ...fifo }] });
    },
    redrive(name) {
      const dead = deadLettersOf(name);
      tell(`redrive of ${queueOf(dead).list().length} from ${dead}`);
      void engine.call("StartMessageMoveTask", { SourceArn: arnOf(dead), DestinationArn: arnOf(name) });
      world.onMessages(name, 0);
    },
    list: (name) => queueOf(name).list(),
    visibilityMs: (name) => (plans.find((plan) => plan.name === name)?.visibilitySeconds ?? 30) * 1_000,
  };
  return world;
}

function modelsOf({ fifo, maxReceiveCount, name, visibilitySeconds }: QueuePlan): QueueModel[] {
  const dead = deadLettersOf(name);
  const common: Record<string, string> = {
    MessageRetentionPeriod: String(FORTNIGHT_SECONDS),
    ...(fifo
      ? { FifoQueue: "true", DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" }
      : {}),
  };
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount });
  const attributes = { ...common, VisibilityTimeout: String(visibilitySeconds), RedrivePolicy };
  return [
    { logicalId: name, name, arn: arnOf(name), attributes },
    { logicalId: dead, name: dead, arn: arnOf(dead), attributes: common },
  ];
}

function arnOf(queue: string): string {
  return `arn:aws:sqs:us-east-1:${ACCOUNT}:${queue}`;
}

/** As the SDK throws what a service answers. */
export function named(name: string): Error {
  const error = new Error(name);
  error.name = name;
  return error;
}
