import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { archivePrefix, objectKey } from "../../src/adapters/archive-objects.ts";
import { createS3ArchiveReader } from "../../src/adapters/s3-archive-reader.ts";
import { archiveReaderSuite } from "../support/archive-reader-suite.ts";
import { type Fauxqs, startQueuesAndBuckets } from "../support/fauxqs.ts";

const NOON = Date.UTC(2026, 10, 20, 12);

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startQueuesAndBuckets();
});
afterAll(() => fauxqs.close());

/** A bucket of its own, and ways to put objects into it. */
async function world() {
  const client = fauxqs.s3;
  const Bucket = await fauxqs.createBucket();
  let objects = 0;
  const put = async (Key: string, Body: Buffer) =>
    void (await client.send(new PutObjectCommand({ Bucket, Key, Body })));
  return {
    reader: createS3ArchiveReader({ client, bucket: Bucket, bufferMs: 60_000 }),
    put,
    async store(at: number, lines: readonly string[]) {
      objects += 1;
      const body = gzipSync(lines.map((line) => `${line}\n`).join(""));
      await put(objectKey(archivePrefix(at), at, `0-${objects}`), body);
    },
  };
}

async function linesOf({ reader }: Awaited<ReturnType<typeof world>>): Promise<string[]> {
  const lines: string[] = [];
  for (const { key } of await reader.objects(NOON, NOON + 1)) {
    for await (const line of reader.lines(key)) lines.push(line);
  }
  return lines;
}

archiveReaderSuite(world);

test("a truncated object gives the lines that it has, and one that is no JSON for what is missing", async () => {
  const it = await world();
  const lines = Array.from({ length: 5_000 }, (_, index) => JSON.stringify({ index, noise: Math.sin(index) }));
  const whole = gzipSync(lines.join("\n"));
  await it.put(objectKey(archivePrefix(NOON), NOON, "a"), whole.subarray(0, Math.floor(whole.length / 2)));
  const read = await linesOf(it);
  expect(read.length).toBeGreaterThan(100);
  expect(read.slice(0, -1)).toEqual(lines.slice(0, read.length - 1));
  expect(() => JSON.parse(read.at(-1) ?? "{}")).toThrow();
});

test("an object that is not compressed is one line that cannot be read, and the next object is read", async () => {
  const it = await world();
  await it.put(objectKey(archivePrefix(NOON), NOON, "a"), Buffer.from("somebody put this here"));
  await it.store(NOON + 1_000, ["fine"]);
  const read = await linesOf(it);
  expect(read).toHaveLength(2);
  expect(read.at(-1)).toBe("fine");
});

test("members that were gzipped one by one are one text", async () => {
  const it = await world();
  const members = Buffer.concat([gzipSync("a\nb"), gzipSync("c\nd\n")]);
  await it.put(objectKey(archivePrefix(NOON), NOON, "a"), members);
  expect(await linesOf(it)).toEqual(["a", "bc", "d"]);
});

test("more objects than one page lists are all found", async () => {
  const it = await world();
  await Promise.all(Array.from({ length: 1_050 }, () => it.store(NOON, [])));
  expect(await it.reader.objects(NOON, NOON + 1)).toHaveLength(1_050);
}, 60_000);
