import { gzipSync } from "node:zlib";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { archivePrefix, objectKey } from "../../src/adapters/archive-objects.ts";
import { createS3ArchiveEraser } from "../../src/adapters/s3-archive-eraser.ts";
import { createS3ArchiveReader } from "../../src/adapters/s3-archive-reader.ts";
import { type Fauxqs, startQueuesAndBuckets } from "../support/fauxqs.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const KEY = objectKey(archivePrefix(NOON), NOON, "0-1");

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startQueuesAndBuckets();
});
afterAll(() => fauxqs.close());

async function world(lines: readonly string[]) {
  const client = fauxqs.s3;
  const Bucket = await fauxqs.createBucket();
  const put = (Key: string, Body: Buffer) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
  await put(KEY, gzipSync(lines.map((line) => `${line}\n`).join("")));
  const reader = createS3ArchiveReader({ client, bucket: Bucket, bufferMs: 60_000 });
  return {
    Bucket,
    put,
    eraser: createS3ArchiveEraser({ client, bucket: Bucket }),
    async lines(): Promise<string[]> {
      const found: string[] = [];
      for (const { key } of await reader.objects(NOON, NOON + 1))
        for await (const line of reader.lines(key)) found.push(line);
      return found;
    },
  };
}

const withoutAnn = (line: string) => (line.includes("ann") ? "erased" : line);

test("an object is found under its name with the other lines, in their places", async () => {
  const many = Array.from({ length: 3_000 }, (_, index) => `line ${index} é${index % 7 === 0 ? " of ann" : ""}`);
  const it = await world(many);
  expect(await it.eraser.rewrite(KEY, withoutAnn)).toBe(true);
  expect(await it.lines()).toEqual(many.map(withoutAnn));
});

test("a truncated object stays one: its first lines, and at its end one that cannot be read", async () => {
  const it = await world([]);
  const lines = Array.from({ length: 5_000 }, (_, index) => JSON.stringify({ index, noise: Math.sin(index) }));
  const whole = gzipSync(lines.join("\n"));
  await it.put(KEY, whole.subarray(0, Math.floor(whole.length / 2)));
  expect(await it.eraser.rewrite(KEY, withoutAnn)).toBe(true);
  const left = await it.lines();
  expect(left.length).toBeGreaterThan(100);
  expect(left.slice(0, -1)).toEqual(lines.slice(0, left.length - 1));
  expect(() => JSON.parse(left.at(-1) ?? "")).toThrow();
});

test("what is gone is none to rewrite, and a connection that fails is told", async () => {
  const it = await world([]);
  expect(await it.eraser.rewrite("events/none.gz", withoutAnn)).toBe(true);
  const elsewhere = createS3ArchiveEraser({ client: fauxqs.s3, bucket: "no-such-bucket" });
  await expect(elsewhere.rewrite(KEY, withoutAnn)).rejects.toThrow();
});

test("an object is replaced only as it was read: who comes second is told to look again", async () => {
  const it = await world(["of ann", "of bob"]);
  const written: { IfMatch?: string | undefined }[] = [];
  const refusing = {
    async send(command: unknown) {
      if (!(command instanceof PutObjectCommand)) return fauxqs.s3.send(command as GetObjectCommand);
      written.push(command.input);
      throw Object.assign(new Error("At least one of the pre-conditions did not hold"), { name: "PreconditionFailed" });
    },
  } as unknown as S3Client;
  const eraser = createS3ArchiveEraser({ client: refusing, bucket: it.Bucket });
  expect(await eraser.rewrite(KEY, withoutAnn)).toBe(false);
  const { ETag } = await fauxqs.s3.send(new GetObjectCommand({ Bucket: it.Bucket, Key: KEY }));
  expect(written.map(({ IfMatch }) => IfMatch)).toEqual([ETag]);
});

test("a folder is removed with everything in it and nothing beside it", async () => {
  const it = await world(["kept"]);
  for (let index = 0; index < 5; index += 1) await it.put(`exports/a/${index}`, Buffer.from("x"));
  await it.put("exports/ab/1", Buffer.from("x"));
  expect(await it.eraser.removeFolder("exports/a/")).toBe(5);
  expect(await it.eraser.removeFolder("exports/a/")).toBe(0);
  expect(await it.eraser.removeFolder("exports/ab/")).toBe(1);
  expect(await it.lines()).toEqual(["kept"]);
});
