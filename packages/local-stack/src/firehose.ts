import { randomBytes } from "node:crypto";
import type { Need } from "./authorization.ts";
import { AwsError } from "./aws-error.ts";
import type { DeliveredObject, DeliveryStream } from "./delivery-stream.ts";
import { isObject } from "./property-reader.ts";
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from "./resource-identity.ts";

const MAX_RECORD_BYTES = 1_024_000;
const MAX_BATCH_BYTES = 4 * 2 ** 20;
const MAX_BATCH_RECORDS = 500;
/** Firehose bills each record by the started 5 KB. */
const BILLED_STEP_BYTES = 5 * 1024;

type Input = Readonly<Record<string, unknown>>;

/** The delivery streams of a stack behind the operations of Firehose. */
export class Firehose {
  readonly #streams: ReadonlyMap<string, DeliveryStream>;
  readonly #startedAtMs: number;

  constructor(streams: readonly DeliveryStream[], startedAtMs: number) {
    this.#streams = new Map(streams.map((stream) => [stream.model.name, stream]));
    this.#startedAtMs = startedAtMs;
  }

  call(operation: string, input: Input): Record<string, unknown> {
    switch (operation) {
      case "PutRecord":
        return this.#putRecord(input);
      case "PutRecordBatch":
        return this.#putBatch(input);
      case "DescribeDeliveryStream":
        return this.#describe(this.#find(input));
      case "ListDeliveryStreams":
        return { DeliveryStreamNames: [...this.#streams.keys()].sort(), HasMoreDeliveryStreams: false };
      default:
        throw new AwsError("UnknownOperationException", `firehose:${operation} does not run in the local stack`);
    }
  }

  /** Writes what is full or old enough, of every stream. */
  async deliverDue(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.deliverDue()));
  }

  /** Writes everything at once, of one stream or of all. */
  async flush(streamName?: string): Promise<readonly DeliveredObject[]> {
    const streams = streamName === undefined ? [...this.#streams.values()] : [this.#named(streamName)];
    return (await Promise.all(streams.map((stream) => stream.flush()))).flat();
  }

  #putRecord(input: Input): Record<string, unknown> {
    const stream = this.#find(input);
    const data = dataOf(input.Record);
    checkSize(data, "record.data");
    stream.put(data);
    return { RecordId: recordId(), Encrypted: false };
  }

  /** All or nothing here: only a fault that was asked for makes it fail in part. */
  #putBatch(input: Input): Record<string, unknown> {
    const stream = this.#find(input);
    const records = Array.isArray(input.Records) ? input.Records.map(dataOf) : [];
    if (records.length === 0 || records.length > MAX_BATCH_RECORDS) {
      throw invalid("records", `Member must have length between 1 and ${MAX_BATCH_RECORDS}, inclusive`);
    }
    for (const [at, data] of records.entries()) checkSize(data, `records.${at + 1}.member.data`);
    const bytes = records.reduce((sum, data) => sum + data.length, 0);
    if (bytes > MAX_BATCH_BYTES) throw new AwsError("InvalidArgumentException", "Records size exceeds 4 MB limit");
    for (const data of records) stream.put(data);
    return {
      FailedPutCount: 0,
      Encrypted: false,
      RequestResponses: records.map(() => ({ RecordId: recordId() })),
    };
  }

  #describe({ model }: DeliveryStream): Record<string, unknown> {
    const { bufferBytes, bufferSeconds, isGzip, role, bucketName, prefix } = model;
    const ExtendedS3DestinationDescription = {
      BucketARN: `arn:aws:s3:::${bucketName}`,
      RoleARN: role.arn,
      Prefix: prefix,
      BufferingHints: { SizeInMBs: bufferBytes / 2 ** 20, IntervalInSeconds: bufferSeconds },
      CompressionFormat: isGzip ? "GZIP" : "UNCOMPRESSED",
      EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
    };
    return {
      DeliveryStreamDescription: {
        DeliveryStreamName: model.name,
        DeliveryStreamARN: model.arn,
        DeliveryStreamStatus: "ACTIVE",
        DeliveryStreamType: "DirectPut",
        VersionId: "1",
        CreateTimestamp: this.#startedAtMs / 1000,
        Destinations: [{ DestinationId: "destinationId-000000000001", ExtendedS3DestinationDescription }],
        HasMoreDestinations: false,
      },
    };
  }

  #find({ DeliveryStreamName }: Input): DeliveryStream {
    return this.#named(String(DeliveryStreamName));
  }

  #named(name: string): DeliveryStream {
    const found = this.#streams.get(name);
    if (found !== undefined) return found;
    throw new AwsError("ResourceNotFoundException", `Firehose ${name} under account ${LOCAL_ACCOUNT_ID} not found.`);
  }
}

/** What a Firehose operation must be allowed. */
export function firehoseNeeds(operation: string, { DeliveryStreamName: name }: Input): Need[] {
  const stream = `arn:aws:firehose:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:deliverystream/${String(name)}`;
  return [{ action: `firehose:${operation}`, resource: name === undefined ? "*" : stream }];
}

/** Bytes of a call's records, as sent and as billed. */
export function firehoseBytes(input: Input): { bytes: number; billedBytes: number } {
  const records = [
    ...(Array.isArray(input.Records) ? input.Records : []),
    ...(isObject(input.Record) ? [input.Record] : []),
  ];
  const sizes = records.map((record) => dataOf(record).length);
  return {
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    billedBytes: sizes.reduce(
      (sum, size) => sum + Math.max(1, Math.ceil(size / BILLED_STEP_BYTES)) * BILLED_STEP_BYTES,
      0,
    ),
  };
}

function dataOf(record: unknown): Buffer {
  if (isObject(record) && typeof record.Data === "string") return Buffer.from(record.Data, "base64");
  throw invalid("record.data", "Member must not be null");
}

function checkSize(data: Buffer, where: string): void {
  if (data.length > MAX_RECORD_BYTES) {
    throw invalid(where, `Member must have length less than or equal to ${MAX_RECORD_BYTES}`);
  }
}

function invalid(where: string, constraint: string): AwsError {
  return new AwsError(
    "ValidationException",
    `1 validation error detected: Value at '${where}' failed to satisfy constraint: ${constraint}`,
  );
}

function recordId(): string {
  return randomBytes(110).toString("base64");
}
