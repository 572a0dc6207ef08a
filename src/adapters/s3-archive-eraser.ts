import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ArchiveEraser } from "../pipeline/privacy-ports.ts";
import { gunzippedLines } from "./archive-lines.ts";

export interface S3ArchiveEraserOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/**
 * Erasures in the archive's bucket. An object is replaced under its own name, and only as it was read: a crash leaves the
 * old one or the new one, readers find it where it was, and of two erasures at one object the slower one looks again.
 */
export function createS3ArchiveEraser({ bucket: Bucket, client }: S3ArchiveEraserOptions): ArchiveEraser {
  return {
    async rewrite(Key, lineFor) {
      try {
        const { Body, ContentType, ETag } = await client.send(new GetObjectCommand({ Bucket, Key }));
        if (ETag === undefined) throw new Error("S3 answered without the version of the object");
        const gzip = createGzip();
        const lines = Readable.from(rewritten(gunzippedLines(Body), lineFor));
        // Compressed it is a few MB, whatever it is else.
        const compressed = await buffer(lines.on("error", (error) => gzip.destroy(error)).pipe(gzip));
        const type = ContentType === undefined ? {} : { ContentType };
        await client.send(new PutObjectCommand({ Bucket, Key, Body: compressed, IfMatch: ETag, ...type }));
        return true;
      } catch (error) {
        const name = error instanceof Error ? error.name : "";
        if (name === "NoSuchKey") return true;
        if (name === "PreconditionFailed" || name === "ConditionalRequestConflict") return false;
        throw error;
      }
    },

    async removeFolder(Prefix) {
      let removed = 0;
      for (;;) {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
        const keys = Contents.flatMap(({ Key }) => Key ?? []);
        if (keys.length === 0) return removed;
        for (const Key of keys) await client.send(new DeleteObjectCommand({ Bucket, Key }));
        removed += keys.length;
      }
    },
  };
}

async function* rewritten(lines: AsyncIterable<string>, lineFor: (line: string) => string): AsyncGenerator<string> {
  for await (const line of lines) yield `${lineFor(line)}\n`;
}
