import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import type { OpsQueues, PeekedMessage } from "../ops/queue-ports.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";
import { physicalQueueName, queueUrls } from "./queue-names.ts";

/** The queues of one environment; all have the address of the events queue but for the name. */
export interface SqsOpsQueuesOptions {
  readonly environment: string;
  readonly eventsQueueUrl: string;
  readonly eventsQueueArn: string;
  readonly client?: Pick<SQSClient, "send">;
}

/** Long enough to be given back, short enough when that fails. */
const PEEK_SECONDS = 10;

/** The queues of the stack on SQS, found by name. */
export function createSqsOpsQueues(options: SqsOpsQueuesOptions): OpsQueues {
  const { environment, eventsQueueUrl, eventsQueueArn, client = newClient() } = options;
  const urlOf = queueUrls(environment, eventsQueueUrl);
  const arnOf = (queue: string) => eventsQueueArn.replace(/[^:]+$/, physicalQueueName(environment, queue));
  return {
    async depth(queue) {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: urlOf(queue),
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      return {
        waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
        in_flight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      };
    },
    async peek(queue, limit) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: limit,
          VisibilityTimeout: PEEK_SECONDS,
          // Long polling asks all servers: without it a short queue often looks empty.
          WaitTimeSeconds: 1,
          MessageAttributeNames: ["reason"],
          MessageSystemAttributeNames: ["SentTimestamp"],
        }),
      );
      await giveBack(client, urlOf(queue), Messages);
      return Messages.map(peeked);
    },
    async lastMove(queue) {
      const { Results = [] } = await client.send(
        new ListMessageMoveTasksCommand({ SourceArn: arnOf(queue), MaxResults: 1 }),
      );
      const [task] = Results;
      if (task === undefined) return undefined;
      const of = task.ApproximateNumberOfMessagesToMove;
      return {
        running: task.Status === "RUNNING",
        moved: task.ApproximateNumberOfMessagesMoved ?? 0,
        ...(of === undefined ? {} : { of }),
      };
    },
    startMove: (queue, to, messagesPerSecond) =>
      unlessBusy("started", "UnsupportedOperation", () =>
        client.send(
          new StartMessageMoveTaskCommand({
            SourceArn: arnOf(queue),
            DestinationArn: arnOf(to),
            ...(messagesPerSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: messagesPerSecond }),
          }),
        ),
      ),
    purge: (queue) =>
      unlessBusy("purged", "PurgeQueueInProgress", () =>
        client.send(new PurgeQueueCommand({ QueueUrl: urlOf(queue) })),
      ),
  };
}

function newClient(): SQSClient {
  return new SQSClient({ maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER });
}

async function giveBack(client: Pick<SQSClient, "send">, url: string, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ ReceiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle: ReceiptHandle ?? "",
    VisibilityTimeout: 0,
  }));
  try {
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
  } catch {
    // They come back by themselves some seconds later, and what was read is worth showing.
  }
}

function peeked({ MessageId, Body, Attributes, MessageAttributes }: Message): PeekedMessage {
  const reason = MessageAttributes?.reason?.StringValue;
  return {
    messageId: MessageId ?? "",
    body: Body ?? "",
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** SQS names its refusals with or without a prefix, by protocol. */
async function unlessBusy<Done>(done: Done, refusal: string, call: () => Promise<unknown>): Promise<Done | "busy"> {
  try {
    await call();
    return done;
  } catch (error) {
    if (error instanceof Error && error.name.includes(refusal)) return "busy";
    throw error;
  }
}
