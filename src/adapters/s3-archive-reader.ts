import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { ArchiveObject, ArchiveReader } from "../pipeline/archive-ports.ts";
import { gunzippedLines } from "./archive-lines.ts";
import { archiveObject, prefixesBetween } from "./archive-objects.ts";

/** Hours listed at once. */
const PARALLEL_LISTS = 8;

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
      yield* gunzippedLines(Body);
    },
  };
}
