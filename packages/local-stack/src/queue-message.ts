import { createHash, randomUUID } from "node:crypto";

/** An SQS message attribute as the JSON protocol writes it; binary values are base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** A message on its way through a queue. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** Epoch ms of the first send; a move to a dead-letter queue keeps it. */
  readonly sentAt: number;
  /** From when retention counts: the send, or for FIFO the last move. */
  retainedFrom: number;
  readonly groupId: string | undefined;
  readonly dedupId: string | undefined;
  /** Place in a FIFO queue. */
  sequence: number;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  /** Epoch ms from which the message can be received: its delay or its visibility timeout. */
  visibleAt: number;
  /** Of the last receive. */
  receiptHandle: string | undefined;
  receivedAt: number | undefined;
  state: "waiting" | "ready" | "in_flight" | "gone";
  /** The queue a dead letter comes from. */
  deadLetterSourceArn: string | undefined;
}

/** What a producer gives. */
export interface NewMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly groupId: string | undefined;
  readonly dedupId: string | undefined;
  readonly delayMs: number;
}

/** A message as its producer sends it, on no queue yet. */
export function sentMessage({ delayMs, ...given }: NewMessage, now: number): QueueMessage {
  return {
    ...given,
    id: randomUUID(),
    sentAt: now,
    retainedFrom: now,
    sequence: 0,
    receiveCount: 0,
    firstReceivedAt: undefined,
    visibleAt: now + delayMs,
    receiptHandle: undefined,
    receivedAt: undefined,
    state: "gone",
    deadLetterSourceArn: undefined,
  };
}

/**
 * A message as it comes to the dead-letter queue. A FIFO one starts its retention anew and gets a deduplication id of its own;
 * a standard one keeps its age.
 */
export function deadLetter(message: QueueMessage, now: number, from: { arn: string; isFifo: boolean }): QueueMessage {
  return {
    ...message,
    state: "gone",
    visibleAt: now,
    receiptHandle: undefined,
    retainedFrom: from.isFifo ? now : message.retainedFrom,
    dedupId: from.isFifo ? message.id : message.dedupId,
    deadLetterSourceArn: from.arn,
  };
}

/** Bytes that count against the size limit: body, and name, type and value of each attribute. */
export function messageBytes(body: string, attributes: Readonly<Record<string, MessageAttribute>>): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + attributeValue(attribute).length;
  }
  return bytes;
}

/** What clients compare with the MD5 of what they sent. */
export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** SQS's digest of attributes: by name, each part preceded by its length. Undefined: there are none. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    hash.update(Buffer.of(attribute.DataType.startsWith("Binary") ? 2 : 1));
    add(attributeValue(attribute));
  }
  return hash.digest("hex");
}

function attributeValue(attribute: MessageAttribute): Buffer {
  return attribute.BinaryValue === undefined
    ? Buffer.from(attribute.StringValue ?? "")
    : Buffer.from(attribute.BinaryValue, "base64");
}

/** Every character that XML 1.0 has no place for, lone surrogates included: SQS refuses a message that holds one. */
const OUTSIDE_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Whether SQS would take the text. */
export function isValidBody(text: string): boolean {
  return !OUTSIDE_XML.test(text);
}
