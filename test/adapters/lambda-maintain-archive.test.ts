import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { archivePrefix, objectKey } from "../../src/adapters/archive-objects.ts";
import { createDynamoTombstones } from "../../src/adapters/dynamo-tombstones.ts";
import { createMaintainHandler } from "../../src/adapters/lambda-maintain.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import { DELIVERY_TABLE, type Dynalite, IDENTITY_TABLE, startDynalite } from "../support/dynalite.ts";

const THREE_AT_NIGHT = Date.UTC(2026, 10, 20, 3, 0, 12);
const BUCKET = "archive";
const CONFIG = {
  environment: "test",
  sources: [],
  destinations: [],
  consent: {},
  delivery: { retryWindowMs: DAY_MS },
  retention: { deliveryDays: 30, quarantineDays: 14 },
  logs: { eventShare: 0 },
  ingest: {},
  archive: { days: 30, bufferSeconds: 60 },
};

const directory = mkdtempSync(join(tmpdir(), "maintain-archive-"));
const environment = { ...process.env };
const clock = Date.now;
let dynalite: Dynalite;
let server: FauxqsServer;
let client: S3Client;

beforeAll(async () => {
  dynalite = await startDynalite();
  server = await startFauxqs({ port: 0, logger: false, host: "127.0.0.1" });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  writeFileSync(join(directory, "config.json"), JSON.stringify(CONFIG));
  Object.assign(process.env, {
    LAMBDA_TASK_ROOT: directory,
    POWERTOOLS_LOG_LEVEL: "SILENT",
    DELIVERY_TABLE: await dynalite.createTable(DELIVERY_TABLE),
    IDENTITY_TABLE: await dynalite.createTable(IDENTITY_TABLE),
    ARCHIVE_BUCKET: BUCKET,
    EVENTS_QUEUE_URL: `${endpoint}/000000000000/tracklayer-test-events.fifo`,
    LANE_INTAKES: "{}",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
    AWS_ENDPOINT_URL_S3: endpoint,
  });
});
afterAll(async () => {
  Date.now = clock;
  process.env = environment;
  rmSync(directory, { recursive: true });
  client.destroy();
  await server.stop();
  await dynalite.close();
});

test("the nightly run deletes what an erasure wrote again and whose days are over", async () => {
  Date.now = () => THREE_AT_NIGHT;
  const table = process.env.DELIVERY_TABLE ?? "";
  const tombstones = createDynamoTombstones({ client: dynalite.client, table, now: Date.now });
  await tombstones.secret("s", THREE_AT_NIGHT + DAY_MS);
  await tombstones.announce({ secret: "s", last_at: THREE_AT_NIGHT - DAY_MS });
  const [old = "", young = ""] = [40, 20].map((days) => {
    const at = THREE_AT_NIGHT - days * DAY_MS;
    return objectKey(archivePrefix(at), at, "1");
  });
  for (const Key of [old, young])
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: gzipSync("{}\n") }));
  await createMaintainHandler({})({}, { getRemainingTimeInMillis: () => 55_000 });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents.map(({ Key }) => Key)).toEqual([young]);
});
