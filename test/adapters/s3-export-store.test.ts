import { createS3ExportStore } from "../../src/adapters/s3-export-store.ts";
import { exportStoreSuite } from "../support/export-store-suite.ts";
import { type Fauxqs, startQueuesAndBuckets } from "../support/fauxqs.ts";

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startQueuesAndBuckets();
});
afterAll(() => fauxqs.close());

exportStoreSuite(async () => createS3ExportStore({ client: fauxqs.s3, bucket: await fauxqs.createBucket() }));

test("a bucket that is not there is an error, and no missing export", async () => {
  const store = createS3ExportStore({ client: fauxqs.s3, bucket: "none" });
  await expect(store.get("exports/a/1-manifest.json")).rejects.toThrow();
});
