import type { MessageAttribute } from "./queue-message.ts";

/** SQS's limit for one message, and for the sum of a batch. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** `SendMessage`, and one entry of `SendMessageBatch`. */
export interface SendInput {
  readonly MessageBody?: string;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly DelaySeconds?: number;
}

/** Input of any SQS operation that names a queue, in the JSON protocol. */
export interface QueueInput extends SendInput {
  readonly QueueUrl?: string;
  readonly QueueName?: string;
  readonly Entries?: readonly (SendInput & {
    readonly Id: string;
    readonly ReceiptHandle?: string;
    readonly VisibilityTimeout?: number;
  })[];
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
  readonly MaxNumberOfMessages?: number;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
  readonly QueueNamePrefix?: string;
  readonly SourceArn?: string;
  readonly DestinationArn?: string;
  readonly MaxNumberOfMessagesPerSecond?: number;
  readonly TaskHandle?: string;
  readonly MaxResults?: number;
}
