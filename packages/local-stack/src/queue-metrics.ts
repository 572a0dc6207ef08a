import type { QueueInput } from "./queue-inputs.ts";
import { messageBytes } from "./queue-message.ts";

/** What CloudWatch counts of a call to a queue. Dead letters that SQS moves by itself count nowhere, as on AWS. */
export function queueUse(
  operation: string,
  input: QueueInput,
  output: Readonly<Record<string, unknown>>,
): (readonly [metricName: string, value: number])[] {
  switch (operation) {
    case "SendMessage":
      return sent([input]);
    case "SendMessageBatch": {
      const taken = new Set(listOf(output.Successful).map(idOf));
      return sent((input.Entries ?? []).filter(({ Id }) => taken.has(Id)));
    }
    case "ReceiveMessage": {
      const received = listOf(output.Messages).length;
      return [received === 0 ? ["NumberOfEmptyReceives", 1] : ["NumberOfMessagesReceived", received]];
    }
    case "DeleteMessage":
      return [["NumberOfMessagesDeleted", 1]];
    case "DeleteMessageBatch":
      return [["NumberOfMessagesDeleted", listOf(output.Successful).length]];
    default:
      return [];
  }
}

function sent(messages: readonly QueueInput[]): (readonly [string, number])[] {
  const sizes = messages.map((message) => messageBytes(message.MessageBody ?? "", message.MessageAttributes ?? {}));
  return [["NumberOfMessagesSent", sizes.length], ...sizes.map((size) => ["SentMessageSize", size] as const)];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function idOf(entry: unknown): unknown {
  return typeof entry === "object" && entry !== null && "Id" in entry ? entry.Id : undefined;
}
