import { createDynamoLaneControls } from "../../src/adapters/dynamo-lane-controls.ts";
import { createMaintainHandler } from "../../src/adapters/lambda-maintain.ts";
import { pause } from "../../src/core/breaker.ts";
import { capturedOutput } from "../support/captured-output.ts";
import { DELIVERY_TABLE, type Dynalite, IDENTITY_TABLE, startDynalite } from "../support/dynalite.ts";
import { enterLambda } from "../support/lambda-environment.ts";
import { type LambdaMappings, startLambdaMappings } from "../support/lambda-mappings.ts";

const CONFIG = { destinations: [{ id: "meta" }, { id: "ga4" }] };

let dynalite: Dynalite;
let lambda: LambdaMappings;
let leaveLambda: () => void;

beforeAll(async () => {
  dynalite = await startDynalite();
  lambda = await startLambdaMappings();
  leaveLambda = enterLambda(CONFIG, {
    POWERTOOLS_LOG_LEVEL: "SILENT",
    DELIVERY_TABLE: await dynalite.createTable(DELIVERY_TABLE),
    IDENTITY_TABLE: await dynalite.createTable(IDENTITY_TABLE),
    LANE_INTAKES: JSON.stringify({ meta: "id-meta", ga4: "id-ga4" }),
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
  });
});
afterAll(async () => {
  leaveLambda();
  await lambda.close();
  await dynalite.close();
});

test("a run switches the intake of a stopped lane off, says so in the metrics, and leaves the others as they are", async () => {
  lambda.states.set("id-meta", "Enabled").set("id-ga4", "Enabled");
  const controls = createDynamoLaneControls({ client: dynalite.client, table: process.env.DELIVERY_TABLE ?? "" });
  await controls.save(pause("meta", undefined, { now: Date.now(), retryWindowMs: 1, reason: "audit", by: "key:1" }));
  const handler = createMaintainHandler({});
  const printed = await capturedOutput(async () => {
    await handler({}, { getRemainingTimeInMillis: () => 55_000 });
  });
  expect(Object.fromEntries(lambda.states)).toEqual({ "id-meta": "Disabling", "id-ga4": "Enabled" });
  const emitted = printed.filter((line) => line.includes("_aws")).map((line) => JSON.parse(line));
  expect(emitted).toEqual([expect.objectContaining({ destination: "meta", LaneStopped: 1 })]);
});

test("a run that cannot do its work fails, so that it is tried again and told", async () => {
  lambda.states.delete("id-ga4");
  const handler = createMaintainHandler({});
  await capturedOutput(() => expect(handler({}, { getRemainingTimeInMillis: () => 55_000 })).rejects.toThrow("1 of"));
});
