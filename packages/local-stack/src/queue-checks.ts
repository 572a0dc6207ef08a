import { AwsError } from "./aws-error.ts";
import { MAX_MESSAGE_BYTES, type SendInput } from "./queue-inputs.ts";
import { isValidBody, messageBytes } from "./queue-message.ts";

/** Why SQS would refuse a message; `undefined`: it would not. */
export function refusalOf(
  entry: SendInput,
  isFifo: boolean,
  isContentBased: boolean,
  maxBytes: number,
): AwsError | undefined {
  const attributes = entry.MessageAttributes ?? {};
  if (typeof entry.MessageBody !== "string" || entry.MessageBody === "") return missing("MessageBody");
  if (!isValidBody(entry.MessageBody)) return invalidContents();
  if (messageBytes(entry.MessageBody, attributes) > maxBytes) {
    return invalidValue(`One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`);
  }
  if (Object.keys(attributes).length > 10) {
    return invalidValue("Number of message attributes exceeds the allowed maximum of 10.");
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    if (!/^(String|Number|Binary)(\..+)?$/.test(attribute.DataType)) {
      return invalidValue(`The type of message (user) attribute '${name}' is invalid.`);
    }
    if (!attribute.StringValue && !attribute.BinaryValue) {
      return invalidValue(`The message (user) attribute '${name}' must contain a non-empty value.`);
    }
    if (attribute.StringValue !== undefined && !isValidBody(attribute.StringValue)) return invalidContents();
  }
  return isFifo ? fifoRefusal(entry, isContentBased) : standardRefusal(entry);
}

function fifoRefusal(entry: SendInput, isContentBased: boolean): AwsError | undefined {
  if (!entry.MessageGroupId) return missing("MessageGroupId");
  const refused = idRefusal(entry);
  if (refused !== undefined) return refused;
  if (!entry.MessageDeduplicationId && !isContentBased) {
    return invalidValue(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  if (entry.DelaySeconds !== undefined && entry.DelaySeconds !== 0) {
    return invalidValue(
      `Value ${entry.DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
  return undefined;
}

function idRefusal(entry: SendInput): AwsError | undefined {
  for (const key of ["MessageGroupId", "MessageDeduplicationId"] as const) {
    if (entry[key] !== undefined && !/^[\x21-\x7e]{1,128}$/.test(entry[key])) {
      return invalidValue(
        `The request include parameter that is not valid: ${key} can hold 1 to 128 of a-z, A-Z, 0-9 and punctuation.`,
      );
    }
  }
  return undefined;
}

/** A standard queue takes a group for fairness, and knows no deduplication. */
function standardRefusal(entry: SendInput): AwsError | undefined {
  const { DelaySeconds: delay, MessageDeduplicationId } = entry;
  if (MessageDeduplicationId !== undefined) {
    return invalidValue("The request include parameter that is not valid for this queue type: MessageDeduplicationId");
  }
  const refused = idRefusal(entry);
  if (refused !== undefined) return refused;
  if (delay === undefined || (delay >= 0 && delay <= 900)) return undefined;
  return invalidValue(
    `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
  );
}

/** The checks that fail a whole batch, whatever its entries say. */
export function checkBatch(entries: readonly { readonly Id: string }[]): void {
  if (entries.length === 0) {
    throw batchError("EmptyBatchRequest", "There should be at least one entry in the batch request.");
  }
  if (entries.length > 10) {
    throw batchError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set(entries.map((entry) => entry.Id));
  if (ids.size < entries.length) {
    throw batchError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
  }
  if (entries.some((entry) => !/^[\w-]{1,80}$/.test(entry.Id))) {
    throw batchError(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    );
  }
}

/** SQS's own limit holds for the sum of a batch as for one message. */
export function checkBatchBytes(bytes: number): void {
  if (bytes > MAX_MESSAGE_BYTES) {
    throw batchError(
      "BatchRequestTooLong",
      `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${bytes} bytes.`,
    );
  }
}

function batchError(code: string, message: string): AwsError {
  return new AwsError(code, message, { queryCode: `AWS.SimpleQueueService.${code}` });
}

/** A parameter outside its range. */
export function invalidValue(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}

/** A parameter that is required and absent. */
export function missing(parameter: string): AwsError {
  return new AwsError("MissingParameter", `The request must contain the parameter ${parameter}.`);
}

function invalidContents(): AwsError {
  const range = "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
  return new AwsError("InvalidMessageContents", `Invalid characters found. Valid unicode characters are ${range}`);
}

/** Reads a number of a range, or its default. */
export function inRange(name: string, value: unknown, fallback: number, least: number, most: number): number {
  const number = value === undefined || value === null ? fallback : Number(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw invalidValue(
      `Value ${value} for parameter ${name} is invalid. Reason: Must be >= ${least} and <= ${most}, if provided.`,
    );
  }
  return number;
}
