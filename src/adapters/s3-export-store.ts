import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ExportStore } from "../pipeline/export-ports.ts";

export interface S3ExportStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/** Parts of exports in the archive's bucket, under names that begin with `exports/`: a rule of the bucket deletes them. */
export function createS3ExportStore({ bucket, client }: S3ExportStoreOptions): ExportStore {
  return {
    async put(key, text) {
      const object = { Bucket: bucket, Key: key, Body: text, ContentType: "application/json" };
      await client.send(new PutObjectCommand(object));
    },
    async get(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await Body?.transformToString();
      } catch (error) {
        // Without the right to list, S3 calls what is not there forbidden; who reads exports may list.
        if (error instanceof Error && error.name === "NoSuchKey") return undefined;
        throw error;
      }
    },
  };
}
