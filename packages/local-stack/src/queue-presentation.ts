import type { QueueInput } from "./queue-inputs.ts";
import { type MessageAttribute, md5, md5OfAttributes, type QueueMessage } from "./queue-message.ts";

/** A received message as `ReceiveMessage` answers it: only with the attributes that were asked for. */
export function presentMessage(message: QueueMessage, asked: QueueInput): Record<string, unknown> {
  const system = pickSystemAttributes(message, [
    ...(asked.AttributeNames ?? []),
    ...(asked.MessageSystemAttributeNames ?? []),
  ]);
  const attributes = pickAttributes(message.attributes, asked.MessageAttributeNames ?? []);
  const attributesDigest = md5OfAttributes(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(system).length === 0 ? {} : { Attributes: system }),
    ...(attributesDigest === undefined
      ? {}
      : { MessageAttributes: attributes, MD5OfMessageAttributes: attributesDigest }),
  };
}

function pickSystemAttributes(message: QueueMessage, names: readonly string[]): Record<string, string> {
  if (names.length === 0) return {};
  const all: Record<string, string | undefined> = {
    SenderId: "AIDALOCAL",
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.dedupId,
    SequenceNumber: message.dedupId === undefined ? undefined : String(message.sequence).padStart(20, "0"),
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  };
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && (names.includes("All") || names.includes(name))) picked[name] = value;
  }
  return picked;
}

function pickAttributes(
  attributes: Readonly<Record<string, MessageAttribute>>,
  names: readonly string[],
): Record<string, MessageAttribute> {
  const isAsked = (name: string) =>
    names.some(
      (asked) => asked === "All" || asked === name || (asked.endsWith(".*") && name.startsWith(asked.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isAsked(name)));
}
