import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { createS3ExportStore } from "../../src/adapters/s3-export-store.ts";
import { exportStoreSuite } from "../support/export-store-suite.ts";

let server: FauxqsServer;
let client: S3Client;
let buckets = 0;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false, host: "127.0.0.1" });
  client = new S3Client({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});

afterAll(async () => {
  client.destroy();
  await server.stop();
});

async function create() {
  buckets += 1;
  const bucket = `exports-${buckets}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return createS3ExportStore({ client, bucket });
}

exportStoreSuite(create);

test("a bucket that is not there is an error, and no missing export", async () => {
  const store = createS3ExportStore({ client, bucket: "none" });
  await expect(store.get("exports/a/1-manifest.json")).rejects.toThrow();
});
