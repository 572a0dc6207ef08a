import type { MessageAttribute, ReceivedMessage } from "./source-queue.ts";

/** Where a record came from. */
export interface RecordOrigin {
  readonly queueArn: string;
  readonly region: string;
}

/** One record of an SQS event, as Lambda hands it to a function. */
export function sqsRecord(message: ReceivedMessage, origin: RecordOrigin) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [name, recordAttribute(attribute)]),
    ),
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: origin.queueArn,
    awsRegion: origin.region,
  };
}

/**
 * Which records of a batch failed, by the function's answer to `ReportBatchItemFailures`. No answer, no list and an
 * empty list mean that all succeeded; an answer that cannot be trusted (not an object, a bad or empty key, an id that
 * is not in the batch) means that all failed, as Lambda documents.
 */
export function failedIds(answer: unknown, batch: ReadonlySet<string>): ReadonlySet<string> {
  if (answer === null || answer === undefined) return new Set();
  if (typeof answer !== "object" || Array.isArray(answer)) return batch;
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === null || failures === undefined) return new Set();
  if (!Array.isArray(failures)) return batch;
  const failed = new Set<string>();
  for (const failure of failures as readonly unknown[]) {
    const named = typeof failure === "object" && failure !== null ? failure : {};
    const id = "itemIdentifier" in named ? named.itemIdentifier : undefined;
    if (typeof id !== "string" || !batch.has(id)) return batch;
    failed.add(id);
  }
  return failed;
}

function recordAttribute(attribute: MessageAttribute) {
  return {
    ...(attribute.StringValue === undefined ? {} : { stringValue: attribute.StringValue }),
    ...(attribute.BinaryValue === undefined ? {} : { binaryValue: attribute.BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: attribute.DataType,
  };
}
