import { gzipSync } from "node:zlib";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { archivePrefix, objectKey } from "../../src/adapters/archive-objects.ts";
import { createDynamoTombstones } from "../../src/adapters/dynamo-tombstones.ts";
import { createMaintainHandler } from "../../src/adapters/lambda-maintain.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import { DELIVERY_TABLE, type Dynalite, IDENTITY_TABLE, startDynalite } from "../support/dynalite.ts";
import { type Fauxqs, startQueuesAndBuckets } from "../support/fauxqs.ts";
import { enterLambda } from "../support/lambda-environment.ts";

const THREE_AT_NIGHT = Date.UTC(2026, 10, 20, 3, 0, 12);
const CONFIG = {
  delivery: { retryWindowMs: DAY_MS },
  retention: { deliveryDays: 30, quarantineDays: 14 },
  archive: { days: 30, bufferSeconds: 60 },
};

const clock = Date.now;
let dynalite: Dynalite;
let fauxqs: Fauxqs;
let bucket: string;
let leaveLambda: () => void;

beforeAll(async () => {
  dynalite = await startDynalite();
  fauxqs = await startQueuesAndBuckets();
  bucket = await fauxqs.createBucket();
  leaveLambda = enterLambda(CONFIG, {
    POWERTOOLS_LOG_LEVEL: "SILENT",
    DELIVERY_TABLE: await dynalite.createTable(DELIVERY_TABLE),
    IDENTITY_TABLE: await dynalite.createTable(IDENTITY_TABLE),
    ARCHIVE_BUCKET: bucket,
    EVENTS_QUEUE_URL: `${fauxqs.url}/000000000000/tracklayer-test-events.fifo`,
    LANE_INTAKES: "{}",
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
    AWS_ENDPOINT_URL_S3: fauxqs.url,
  });
});
afterAll(async () => {
  Date.now = clock;
  leaveLambda();
  await fauxqs.close();
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
    await fauxqs.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: gzipSync("{}\n") }));
  await createMaintainHandler({})({}, { getRemainingTimeInMillis: () => 55_000 });
  const { Contents = [] } = await fauxqs.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(Contents.map(({ Key }) => Key)).toEqual([young]);
});
