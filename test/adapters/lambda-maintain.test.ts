import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDynamoLaneControls } from "../../src/adapters/dynamo-lane-controls.ts";
import { createMaintainHandler } from "../../src/adapters/lambda-maintain.ts";
import { pause } from "../../src/core/breaker.ts";
import { DELIVERY_TABLE, type Dynalite, IDENTITY_TABLE, startDynalite } from "../support/dynalite.ts";
import { type LambdaMappings, startLambdaMappings } from "../support/lambda-mappings.ts";

const CONFIG = {
  environment: "test",
  sources: [],
  destinations: [{ id: "meta" }, { id: "ga4" }],
  consent: {},
  delivery: {},
  retention: {},
  logs: { eventShare: 0 },
  ingest: {},
};

const directory = mkdtempSync(join(tmpdir(), "maintain-"));
const environment = { ...process.env };
const write = process.stdout.write;
const printed: string[] = [];
let dynalite: Dynalite;
let lambda: LambdaMappings;

beforeAll(async () => {
  dynalite = await startDynalite();
  lambda = await startLambdaMappings();
  writeFileSync(join(directory, "config.json"), JSON.stringify(CONFIG));
  Object.assign(process.env, {
    LAMBDA_TASK_ROOT: directory,
    POWERTOOLS_LOG_LEVEL: "SILENT",
    DELIVERY_TABLE: await dynalite.createTable(DELIVERY_TABLE),
    IDENTITY_TABLE: await dynalite.createTable(IDENTITY_TABLE),
    LANE_INTAKES: JSON.stringify({ meta: "id-meta", ga4: "id-ga4" }),
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
  });
  process.stdout.write = ((line: string) => printed.push(line) > 0) as typeof write;
});
afterAll(async () => {
  process.stdout.write = write;
  process.env = environment;
  rmSync(directory, { recursive: true });
  await lambda.close();
  await dynalite.close();
});

test("a run switches the intake of a stopped lane off, says so in the metrics, and leaves the others as they are", async () => {
  lambda.states.set("id-meta", "Enabled").set("id-ga4", "Enabled");
  const controls = createDynamoLaneControls({ client: dynalite.client, table: process.env.DELIVERY_TABLE ?? "" });
  await controls.save(pause("meta", undefined, { now: Date.now(), retryWindowMs: 1, reason: "audit", by: "key:1" }));
  const handler = createMaintainHandler({});
  await handler({}, { getRemainingTimeInMillis: () => 55_000 });
  expect(Object.fromEntries(lambda.states)).toEqual({ "id-meta": "Disabling", "id-ga4": "Enabled" });
  const emitted = printed.filter((line) => line.includes("_aws")).map((line) => JSON.parse(line));
  expect(emitted).toEqual([expect.objectContaining({ destination: "meta", LaneStopped: 1 })]);
});

test("a run that cannot do its work fails, so that it is tried again and told", async () => {
  lambda.states.delete("id-ga4");
  const handler = createMaintainHandler({});
  await expect(handler({}, { getRemainingTimeInMillis: () => 55_000 })).rejects.toThrow("1 of");
});
