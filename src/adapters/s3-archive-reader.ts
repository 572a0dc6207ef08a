import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { ArchiveObject, ArchiveReader } from "../pipeline/archive-ports.ts";
import { archiveObject, prefixesBetween } from "./archive-objects.ts";

/** Hours listed at once. */
const PARALLEL_LISTS = 8;
/** A line that is longer is no event of ours: what is packed into one Firehose record is shorter. */
const LONGEST_LINE = 2_000_000;
/** What is given in place of the lines that an object lost, so that a reader counts one that it cannot read. */
const BROKEN = "the object ends before its end";

export interface S3ArchiveReaderOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** How long Firehose gathers events into an object, ms. */
  readonly bufferMs: number;
}

/** The archive's bucket. A truncated or foreign object costs its own lines: the last line then is no JSON, for readers to count. */
export function createS3ArchiveReader({ bucket, bufferMs, client }: S3ArchiveReaderOptions): ArchiveReader {
  async function listPrefix(Prefix: string): Promise<ArchiveObject[]> {
    const found: ArchiveObject[] = [];
    let after: string | undefined;
    do {
      const token = after === undefined ? {} : { ContinuationToken: after };
      const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix, ...token }));
      for (const { Key, Size = 0 } of page.Contents ?? []) {
        if (Key !== undefined && Size > 0) found.push(archiveObject(Key, Size, bufferMs));
      }
      after = page.NextContinuationToken;
    } while (after !== undefined);
    return found;
  }

  return {
    async objects(from, to) {
      const prefixes = prefixesBetween(from, to, bufferMs);
      const found: ArchiveObject[] = [];
      for (let start = 0; start < prefixes.length; start += PARALLEL_LISTS) {
        const pages = await Promise.all(prefixes.slice(start, start + PARALLEL_LISTS).map(listPrefix));
        found.push(...pages.flat());
      }
      return found.filter((object) => object.from < to && object.to >= from).sort((a, b) => (a.key < b.key ? -1 : 1));
    },

    async *lines(key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (!(Body instanceof Readable)) throw new Error("S3 answered without a body");
      const gunzip = createGunzip();
      // An error of the socket is no error of the stream that it is piped into: nobody would hear of it.
      Body.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
      try {
        yield* linesOf(gunzip);
      } finally {
        Body.destroy();
      }
    },
  };
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > LONGEST_LINE) rest = rest.slice(0, LONGEST_LINE);
      yield* parts.filter((line) => line !== "");
    }
  } catch (error) {
    if (!isFormatError(error)) throw error;
    rest = BROKEN;
  }
  if (rest !== "") yield rest;
}

/** Whether it is the object that is wrong, and not the way to it. */
function isFormatError(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return code.startsWith("Z_");
}
