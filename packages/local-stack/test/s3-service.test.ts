import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from "@aws-sdk/client-s3";
import { ObjectStore } from "../src/object-store.ts";
import { type Services, startServices } from "../src/services.ts";
import { functionResources, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

const READER = "arn:aws:lambda:us-east-1:000000000000:function:reader";
const bucketArn = { "Fn::GetAtt": ["Archive", "Arn"] };
const under = (prefix: string) => ({ "Fn::Join": ["", [bucketArn, `/${prefix}*`]] });
const { ReaderRole, Reader } = functionResources("Reader", [
  { Effect: "Allow", Action: ["s3:GetObject", "s3:DeleteObject"], Resource: under("events/") },
  {
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: bucketArn,
    Condition: { StringLike: { "s3:prefix": ["events/*"] } },
  },
]);
const cdkOutDir = writeAssembly({
  Resources: {
    Archive: { Type: "AWS::S3::Bucket", Properties: { BucketName: "archive" } },
    Jobs: { Type: "AWS::SQS::Queue", Properties: { QueueName: "jobs" } },
    ReaderRole,
    Reader,
  },
});
const Bucket = "archive";

let services: Services;
let s3: S3Client;
let reader: S3Client;
const nowMs = Date.parse("2026-03-01T10:00:00Z");

const clientOf = (credentials: Services["operatorCredentials"]) =>
  new S3Client({
    endpoint: services.gatewayUrl,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
    forcePathStyle: true,
  });

beforeEach(async () => {
  const secretsFile = join(temporaryDirectory(), "secrets.json");
  services = await startServices({ cdkOutDir, secretsFile, log: () => {}, now: () => nowMs });
  s3 = clientOf(services.operatorCredentials);
  reader = clientOf(services.credentialsFor(READER));
});

afterEach(() => services.stop());

const put = (Key: string, Body: PutObjectCommandInput["Body"] = "x", more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket, Key }));
const list = (more: Partial<ListObjectsV2CommandInput> = {}, client = s3) =>
  client.send(new ListObjectsV2Command({ Bucket, ...more }));
const keysOf = ({ Contents = [] }: { Contents?: { Key?: string | undefined }[] | undefined }) =>
  Contents.map(({ Key }) => Key);

test("an object comes back as it went in, with what was said of it", async () => {
  const body = randomBytes(200_000);
  const { ETag, ChecksumCRC32 } = await put("a/b c+ä&<.bin", body, {
    ContentType: "application/x-ndjson",
    ContentEncoding: "gzip",
    Metadata: { lines: "17" },
  });
  expect(ETag).toBe(`"${createHash("md5").update(body).digest("hex")}"`);
  expect(ChecksumCRC32).toBeDefined();
  const found = await get("a/b c+ä&<.bin");
  expect(found).toMatchObject({
    ContentType: "application/x-ndjson",
    ContentEncoding: "gzip",
    ContentLength: body.length,
    Metadata: { lines: "17" },
    LastModified: new Date(nowMs),
    ETag,
    ChecksumCRC32,
  });
  expect(Buffer.from((await found.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "a/b c+ä&<.bin" }))).toMatchObject({
    ContentLength: body.length,
    ETag,
  });
  expect(keysOf(await list())).toEqual(["a/b c+ä&<.bin"]);
});

test("what is streamed in chunks is put together, and read back as a stream or in part", async () => {
  const parts = [randomBytes(70_000), randomBytes(3)];
  const whole = Buffer.concat(parts);
  await put("streamed", Readable.from(parts), { ContentLength: whole.length });
  // Chunk sizes and a trailing checksum surround the bytes.
  expect(services.meter.report().total["s3:PutObject"]?.bytes).toBeGreaterThan(whole.length);
  const { Body, ContentEncoding } = await get("streamed");
  const read: Buffer[] = [];
  for await (const chunk of Body as Readable) read.push(chunk);
  expect(Buffer.concat(read).equals(whole)).toBe(true);
  expect(ContentEncoding).toBeUndefined();
  const part = async (Range: string) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "streamed", Range }));
    return [answer.ContentRange, Buffer.from((await answer.Body?.transformToByteArray()) ?? [])];
  };
  expect(await part("bytes=10-19")).toEqual(["bytes 10-19/70003", whole.subarray(10, 20)]);
  expect(await part("bytes=-3")).toEqual(["bytes 70000-70002/70003", whole.subarray(-3)]);
  await expect(part("bytes=70003-")).rejects.toMatchObject({ name: "InvalidRange" });
});

test("a body that is not what its sender says is refused, with each kind of digest", async () => {
  const wrong = { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" };
  await expect(put("a", "hello", wrong)).rejects.toMatchObject({ name: "BadDigest" });
  await expect(put("a", "hello", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
  const sha = createHash("sha256").update("hello").digest("base64");
  await put("a", "hello", { ChecksumSHA256: sha });
  await expect(put("a", "hullo", { ChecksumSHA256: sha })).rejects.toMatchObject({ name: "BadDigest" });
  const { Body, ChecksumSHA256 } = await s3.send(new GetObjectCommand({ Bucket, Key: "a", ChecksumMode: "ENABLED" }));
  expect([await Body?.transformToString(), ChecksumSHA256]).toEqual(["hello", sha]);
});

test("a conditional write does not overwrite", async () => {
  const { ETag = "" } = await put("once", "1", { IfNoneMatch: "*" });
  const refused = { name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } };
  await expect(put("once", "2", { IfNoneMatch: "*" })).rejects.toMatchObject(refused);
  await put("once", "3", { IfMatch: ETag });
  await expect(put("once", "4", { IfMatch: ETag })).rejects.toMatchObject(refused);
  expect(await (await get("once")).Body?.transformToString()).toBe("3");
});

test("a listing goes over a thousand keys in the order of their bytes, page by page", async () => {
  const names = Array.from({ length: 1205 }, (_, at) => `events/${String(at).padStart(5, "0")}`);
  // UTF-16 would put the astral character before the one of the private use area.
  const all = ["before", ...names, "events/\u{E000}", "events/\u{1F600}", "eventually"];
  for (let at = all.length; at > 0; at -= 50)
    await Promise.all(all.slice(Math.max(0, at - 50), at).map((name) => put(name)));
  const seen: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  const sizes: unknown[] = [];
  do {
    const page = await list({ Prefix: "events/", ...(ContinuationToken === undefined ? {} : { ContinuationToken }) });
    seen.push(...keysOf(page));
    sizes.push([page.KeyCount, page.IsTruncated]);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(seen).toEqual(all.slice(1, -1));
  expect(sizes).toEqual([
    [1000, true],
    [207, false],
  ]);
  const some = await list({ Prefix: "events/", StartAfter: "events/00003", MaxKeys: 2 });
  expect([keysOf(some), some.IsTruncated]).toEqual([["events/00004", "events/00005"], true]);
  const exact = await list({ Prefix: "event", StartAfter: "events/01204", MaxKeys: 3 });
  expect([keysOf(exact), exact.IsTruncated]).toEqual([["events/\u{E000}", "events/\u{1F600}", "eventually"], false]);
  expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  await expect(list({ ContinuationToken: "made up" })).rejects.toMatchObject({ name: "InvalidArgument" });
}, 30_000);

test("a delimiter folds keys, over pages too", async () => {
  for (const key of ["a", "b/1", "b/2", "b/3", "c/1", "d"]) await put(key);
  const whole = await list({ Delimiter: "/" });
  expect([keysOf(whole), whole.CommonPrefixes]).toEqual([
    ["a", "d"],
    [{ Prefix: "b/" }, { Prefix: "c/" }],
  ]);
  const told: unknown[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await list({ Delimiter: "/", MaxKeys: 1, ...(ContinuationToken && { ContinuationToken }) });
    told.push(...keysOf(page), ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(told).toEqual(["a", "b/", "c/", "d"]);
});

test("a role reads and lists what its policy names, and cannot tell what else is missing", async () => {
  await put("events/1", "mine");
  await put("secret/1", "not mine");
  const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
  const read = (Key: string) => reader.send(new GetObjectCommand({ Bucket, Key }));
  expect(await (await read("events/1")).Body?.transformToString()).toBe("mine");
  await expect(read("secret/1")).rejects.toMatchObject(denied);
  // Without an unconditional right to list, S3 does not say what is not there.
  await expect(read("events/2")).rejects.toMatchObject(denied);
  await expect(get("events/2")).rejects.toMatchObject({ name: "NoSuchKey", $metadata: { httpStatusCode: 404 } });
  expect(keysOf(await list({ Prefix: "events/" }, reader))).toEqual(["events/1"]);
  await expect(list({ Prefix: "secret/" }, reader)).rejects.toMatchObject(denied);
  await expect(list({}, reader)).rejects.toMatchObject(denied);
  await expect(reader.send(new PutObjectCommand({ Bucket, Key: "events/3", Body: "x" }))).rejects.toMatchObject(denied);
  const Delete = { Objects: [{ Key: "events/1" }, { Key: "secret/1" }] };
  const answer = await reader.send(new DeleteObjectsCommand({ Bucket, Delete }));
  expect(answer).toMatchObject({
    Deleted: [{ Key: "events/1" }],
    Errors: [{ Key: "secret/1", Code: "AccessDenied" }],
  });
  expect(keysOf(await list())).toEqual(["secret/1"]);
});

test("objects go one by one and many at once, also those that are not there", async () => {
  for (const key of ["1", "2 & 3", "4"]) await put(key);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "1" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "1" }));
  const Objects = [{ Key: "2 & 3" }, { Key: "none" }];
  expect(await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).toMatchObject({ Deleted: Objects });
  const quiet = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "4" }], Quiet: true } }));
  expect(quiet.Deleted).toBeUndefined();
  expect(keysOf(await list())).toEqual([]);
});

test("what does not run here says so, and a bucket that is not in the template is none", async () => {
  const copy = new CopyObjectCommand({ Bucket, Key: "b", CopySource: "archive/a" });
  await expect(s3.send(copy)).rejects.toMatchObject({
    name: "NotImplemented",
    message: expect.stringContaining("CopyObject"),
  });
  await expect(s3.send(new ListObjectsV2Command({ Bucket: "other" }))).rejects.toMatchObject({ name: "NoSuchBucket" });
  await expect(s3.send(new HeadBucketCommand({ Bucket }))).resolves.toBeDefined();
  await expect(s3.send(new HeadBucketCommand({ Bucket: "other" }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  });
});

test("faults strike by operation, before or after the effect, and the meter counts", async () => {
  const fault = (more: object) =>
    fetch(`${services.gatewayUrl}/_local/faults`, {
      method: "POST",
      body: JSON.stringify({ service: "s3", error: "SlowDown", status: 503, count: 1, ...more }),
    });
  await fault({ operation: "ListObjectsV2" });
  await fault({ operation: "PutObject", when: "after" });
  await expect(put("a")).rejects.toMatchObject({ name: "SlowDown" });
  await expect(list()).rejects.toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } });
  expect(keysOf(await list())).toEqual(["a"]);
  expect(services.meter.report().total).toMatchObject({
    "s3:PutObject": { calls: 1, errors: 1, bytes: 1 },
    "s3:ListObjectsV2": { calls: 2, errors: 1 },
  });
});

test("a store on disk is there again after a restart", () => {
  const file = join(temporaryDirectory(), "objects.sqlite");
  const first = new ObjectStore(file);
  first.put("archive", "kept", Buffer.from("hello"), { "content-type": "text/plain" }, nowMs);
  first.put("archive", "gone", Buffer.from("x"), {}, nowMs);
  first.remove("archive", "gone");
  first.close();
  const second = new ObjectStore(file);
  expect(second.head("archive", "kept")).toMatchObject({ bytes: 5, headers: { "content-type": "text/plain" } });
  expect(second.body("archive", "kept").toString()).toBe("hello");
  expect(second.head("archive", "gone")).toBeUndefined();
  second.close();
});
