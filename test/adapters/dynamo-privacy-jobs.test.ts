import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoPrivacyJobs } from "../../src/adapters/dynamo-privacy-jobs.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { privacyJob, privacyJobsSuite } from "../support/privacy-jobs-suite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

privacyJobsSuite(async () => {
  const table = await dynalite.createTable(DELIVERY_TABLE);
  return createDynamoPrivacyJobs({ client: dynalite.client, table });
});

test("a job can be asked for more than a year later, and not for ever", async () => {
  const { client } = dynalite;
  const table = await dynalite.createTable(DELIVERY_TABLE);
  const job = privacyJob();
  await createDynamoPrivacyJobs({ client, table }).save(job);
  const Key = { pk: { S: "PRIVACY#job-1" }, sk: { S: "JOB" } };
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
  expect(Item?.expires_at?.N).toBe(String(job.updated_at / 1_000 + 400 * 86_400));
});
