import { cpSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  PutRecordBatchCommand,
  PutRecordCommand,
} from "@aws-sdk/client-firehose";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { readAssembly } from "../src/assembly.ts";
import { type Services, startServices } from "../src/services.ts";
import { functionResources, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

const bucketArn = { "Fn::GetAtt": ["Bucket", "Arn"] };
const DESTINATION = {
  BucketARN: bucketArn,
  RoleARN: { "Fn::GetAtt": ["DeliveryRole", "Arn"] },
  Prefix: "events/!{timestamp:yyyy/MM/dd/HH}/",
  ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
  BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
  CompressionFormat: "GZIP",
  CloudWatchLoggingOptions: { Enabled: true, LogGroupName: "g", LogStreamName: "s" },
};
const role = (...Action: string[]) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    Policies: [
      {
        PolicyName: "own",
        PolicyDocument: {
          Statement: [{ Effect: "Allow", Action, Resource: { "Fn::Join": ["", [bucketArn, "/events/*"]] } }],
        },
      },
    ],
  },
});
const streamOf = (more: object = {}) => ({
  Type: "AWS::KinesisFirehose::DeliveryStream",
  Properties: { DeliveryStreamName: "archive", ExtendedS3DestinationConfiguration: { ...DESTINATION, ...more } },
});
const resourcesWith = (stream: object, actions = ["s3:PutObject"]) => ({
  Jobs: { Type: "AWS::SQS::Queue", Properties: { QueueName: "jobs" } },
  Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "archive" } },
  DeliveryRole: role(...actions),
  Stream: stream,
  ...functionResources("Sender", [
    { Effect: "Allow", Action: "firehose:PutRecordBatch", Resource: { "Fn::GetAtt": ["Stream", "Arn"] } },
  ]),
});
const SENDER = "arn:aws:lambda:us-east-1:000000000000:function:sender";
const STREAM = "arn:aws:firehose:us-east-1:000000000000:deliverystream/archive";
const DeliveryStreamName = "archive";

let nowMs: number;
let services: Services;
let lines: string[];
let directory: string;

async function start(resources: object, dataDir?: string): Promise<void> {
  services = await startServices({
    cdkOutDir: writeAssembly({ Resources: resources, Outputs: { Ref: { Value: { Ref: "Stream" } } } }),
    secretsFile: join(directory, "secrets.json"),
    log: (line) => void lines.push(line),
    now: () => nowMs,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
}

beforeEach(() => {
  nowMs = Date.parse("2026-03-01T10:59:58Z");
  lines = [];
  directory = temporaryDirectory();
});
afterEach(() => services.stop());

const config = (credentials: Services["operatorCredentials"]) => ({
  endpoint: services.gatewayUrl,
  region: "us-east-1",
  credentials,
  maxAttempts: 1,
});
const firehose = () => new FirehoseClient(config(services.operatorCredentials));
const batch = (...texts: string[]) =>
  new PutRecordBatchCommand({ DeliveryStreamName, Records: texts.map((text) => ({ Data: Buffer.from(text) })) });

async function control(path: string, body?: object): Promise<unknown> {
  const init = { method: "POST", ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return (await fetch(`${services.gatewayUrl}/_local/${path}`, init)).json();
}

/** Keys of the bucket with what is in them. */
async function objects(): Promise<[string, string][]> {
  const s3 = new S3Client({ ...config(services.operatorCredentials), forcePathStyle: true });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "archive" }));
  const read = Contents.map(async ({ Key = "" }): Promise<[string, string]> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "archive", Key }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    return [Key, (Key.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()];
  });
  return Promise.all(read);
}

const KEY = /^events\/2026\/03\/01\/10\/archive-1-2026-03-01-10-59-58-[0-9a-f-]{36}\.gz$/;

describe("a stream into a bucket", () => {
  beforeEach(() => start(resourcesWith(streamOf())));

  test("puts records one after the other into one object, named by the oldest of them", async () => {
    const { RecordId } = await firehose().send(
      new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from("1\n") } }),
    );
    expect(RecordId).toEqual(expect.any(String));
    nowMs += 5000;
    const sender = new FirehoseClient(config(services.credentialsFor(SENDER)));
    expect(await sender.send(batch("2\n", "3\n"))).toMatchObject({
      FailedPutCount: 0,
      RequestResponses: [{ RecordId: expect.any(String) }, { RecordId: expect.any(String) }],
    });
    expect(await objects()).toEqual([]);
    const flushed = await control("firehose/flush");
    expect(flushed).toEqual([
      { streamName: "archive", bucket: "archive", key: expect.stringMatching(KEY), records: 3, bytes: 6 },
    ]);
    expect(await objects()).toEqual([[expect.stringMatching(KEY), "1\n2\n3\n"]]);
    expect(await control("firehose/flush", { stream: "archive" })).toEqual([]);
    expect(services.meter.report().byCaller[STREAM]).toMatchObject({ "s3:PutObject": { calls: 1, errors: 0 } });
  });

  test("is named by its ARN to policies and by its name to Ref; only what is granted goes through", async () => {
    expect(services.model.outputs.Ref).toBe("archive");
    const sender = new FirehoseClient(config(services.credentialsFor(SENDER)));
    const single = new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from("1") } });
    await expect(sender.send(single)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`firehose:PutRecord on resource: ${STREAM}`),
    });
  });

  test("describes itself", async () => {
    const { DeliveryStreamDescription } = await firehose().send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName }),
    );
    expect(DeliveryStreamDescription).toMatchObject({
      DeliveryStreamARN: STREAM,
      DeliveryStreamStatus: "ACTIVE",
      DeliveryStreamType: "DirectPut",
      CreateTimestamp: new Date(nowMs),
      Destinations: [
        {
          ExtendedS3DestinationDescription: {
            Prefix: DESTINATION.Prefix,
            BufferingHints: DESTINATION.BufferingHints,
            CompressionFormat: "GZIP",
          },
        },
      ],
    });
    const other = new DescribeDeliveryStreamCommand({ DeliveryStreamName: "other" });
    await expect(firehose().send(other)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test.each([
    ["no record", []],
    ["501 records", Array.from({ length: 501 }, () => "x")],
    ["a record over 1,000 KiB", ["x".repeat(1_024_001)]],
  ])("refuses a batch of %s", async (_name, texts) => {
    await expect(firehose().send(batch(...texts))).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("takes 4 MiB in a call and no byte more", async () => {
    const most = ["x".repeat(1_024_000), "x".repeat(1_024_000), "x".repeat(1_024_000), "x".repeat(1_024_000)];
    const rest = 4 * 2 ** 20 - 4_096_000;
    await expect(firehose().send(batch(...most, "x".repeat(rest + 1)))).rejects.toMatchObject({
      name: "InvalidArgumentException",
    });
    await firehose().send(batch(...most, "x".repeat(rest)));
    expect(services.meter.report().total["firehose:PutRecordBatch"]).toMatchObject({ calls: 2, errors: 1 });
  });

  test("bills each record by the started 5 KB", async () => {
    await firehose().send(batch("x", "x".repeat(5121)));
    expect(services.meter.report().total["firehose:PutRecordBatch"]).toMatchObject({
      bytes: 5122,
      billedBytes: 15_360,
    });
  });

  test("fails in part when asked to, and tells which record it was by its place", async () => {
    await control("faults", { service: "firehose", error: "PartialBatchFailure", count: 1 });
    const texts = ["a", "b", "c", "d", "e"];
    const { FailedPutCount, RequestResponses = [] } = await firehose().send(batch(...texts));
    const passed = texts.filter((_text, at) => RequestResponses[at]?.ErrorCode === undefined);
    expect(RequestResponses).toHaveLength(5);
    expect(FailedPutCount).toBe(5 - passed.length);
    expect(FailedPutCount).toBeGreaterThan(0);
    await control("firehose/flush");
    expect((await objects()).map(([, text]) => text).join("")).toBe(passed.join(""));
  });

  test("keeps what the bucket does not take, in order, and writes it later", async () => {
    await control("faults", { service: "s3", operation: "PutObject", error: "SlowDown", status: 503, count: 1 });
    await firehose().send(batch("1", "2"));
    expect(await control("firehose/flush")).toEqual([]);
    expect(lines.join()).toMatch(/Stream: 2 records could not be written to archive: SlowDown/);
    await firehose().send(batch("3"));
    expect(await control("firehose/flush")).toMatchObject([{ records: 3 }]);
    expect(await objects()).toEqual([[expect.stringMatching(KEY), "123"]]);
  });
});

test("a delivery role without s3:PutObject writes nothing, and says so", async () => {
  await start(resourcesWith(streamOf(), ["s3:GetObject"]));
  await firehose().send(batch("1"));
  expect(await control("firehose/flush")).toEqual([]);
  expect(lines.join()).toContain("/AWSFirehoseToS3 is not authorized to perform: s3:PutObject");
});

test("uncompressed objects have no extension, unless the stream gives one", async () => {
  await start(resourcesWith(streamOf({ CompressionFormat: "UNCOMPRESSED" })));
  await firehose().send(batch("plain"));
  await control("firehose/flush");
  expect(await objects()).toEqual([[expect.stringMatching(/-[0-9a-f]{12}$/), "plain"]]);
  await services.stop();
  await start(resourcesWith(streamOf({ FileExtension: ".json.gz" })));
  await firehose().send(batch("zipped"));
  await control("firehose/flush");
  expect(await objects()).toEqual([[expect.stringMatching(/-[0-9a-f]{12}\.json\.gz$/), "zipped"]]);
});

test("a stop writes what is buffered", async () => {
  const dataDir = join(directory, "data");
  await start(resourcesWith(streamOf()), dataDir);
  await firehose().send(batch("late"));
  await services.stop();
  await start(resourcesWith(streamOf()), dataDir);
  expect(await objects()).toEqual([[expect.stringMatching(KEY), "late"]]);
});

test("a killed process loses no record", async () => {
  const [running, killed] = [join(directory, "running"), join(directory, "killed")];
  await start(resourcesWith(streamOf()), running);
  await firehose().send(batch("1", "2"));
  // What a kill leaves on disk: nothing was closed or written out.
  cpSync(running, killed, { recursive: true });
  await services.stop();
  await start(resourcesWith(streamOf()), killed);
  await firehose().send(batch("3"));
  expect(await control("firehose/flush")).toMatchObject([{ records: 3 }]);
  expect((await objects()).map(([, text]) => text)).toEqual(["123"]);
  await services.stop();
  await start(resourcesWith(streamOf()), killed);
  expect(await control("firehose/flush")).toEqual([]);
});

describe("streams that do not run here fail the start by name", () => {
  const read = (stream: object) => () =>
    readAssembly(writeAssembly({ Resources: resourcesWith(stream) }), { gatewayUrl: "http://127.0.0.1:1" });
  beforeEach(() => start(resourcesWith(streamOf())));

  test.each([
    [{ DynamicPartitioningConfiguration: { Enabled: true } }, "DynamicPartitioningConfiguration"],
    [{ ProcessingConfiguration: { Enabled: true, Processors: [] } }, "ProcessingConfiguration"],
    [{ DataFormatConversionConfiguration: {} }, "DataFormatConversionConfiguration"],
    [{ S3BackupMode: "Enabled" }, "S3BackupMode"],
    [{ CompressionFormat: "ZIP" }, "CompressionFormat"],
    [{ CustomTimeZone: "Asia/Tokyo" }, "CustomTimeZone"],
    [{ Prefix: "!{timestamp:EEE}" }, "EEE"],
    [{ ErrorOutputPrefix: undefined }, "ErrorOutputPrefix"],
    [{ ErrorOutputPrefix: "!{timestamp:yyyy}" }, "error-output-type"],
    [{ BufferingHints: { SizeInMBs: 200 } }, "SizeInMBs"],
    [{ RoleARN: "arn:aws:iam::000000000000:role/elsewhere" }, "role"],
    [{ FutureOption: {} }, "FutureOption"],
  ])("%j", (more, named) => {
    expect(read(streamOf(more))).toThrow(named);
  });

  test("other sources and destinations", () => {
    const Type = "AWS::KinesisFirehose::DeliveryStream";
    expect(read({ Type, Properties: { DeliveryStreamType: "KinesisStreamAsSource" } })).toThrow("DeliveryStreamType");
    expect(read({ Type, Properties: { HttpEndpointDestinationConfiguration: {} } })).toThrow(
      "HttpEndpointDestinationConfiguration",
    );
  });
});
