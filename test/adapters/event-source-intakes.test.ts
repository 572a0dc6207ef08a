import { createEventSourceIntakes, createLambdaClient, readMappings } from "../../src/adapters/event-source-intakes.ts";
import { type LambdaMappings, startLambdaMappings } from "../support/lambda-mappings.ts";

let lambda: LambdaMappings;
let intakes: ReturnType<typeof createEventSourceIntakes>;

beforeAll(async () => {
  lambda = await startLambdaMappings();
  const client = createLambdaClient({
    endpoint: lambda.url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  intakes = createEventSourceIntakes({ client, mappings: { meta: "id-1", gone: "id-9" } });
});
afterAll(() => lambda.close());
beforeEach(() => {
  lambda.states.set("id-1", "Enabled");
  lambda.calls.length = 0;
  lambda.refuse = "";
});

test("an intake is switched off and on through its own mapping, and what is under way counts as done", async () => {
  expect(await intakes.isOpen("meta")).toBe(true);
  await intakes.set("meta", false);
  expect(await intakes.isOpen("meta")).toBe(false);
  await intakes.set("meta", true);
  expect(await intakes.isOpen("meta")).toBe(true);
  const path = "/2015-03-31/event-source-mappings/id-1";
  expect(lambda.calls).toEqual([
    `GET ${path}`,
    `PUT ${path} {"Enabled":false}`,
    `GET ${path}`,
    `PUT ${path} {"Enabled":true}`,
    `GET ${path}`,
  ]);
});

test.each([
  ["Enabled", true],
  ["Enabling", true],
  ["Creating", true],
  ["Updating", true],
  ["Disabling", false],
  ["Disabled", false],
])("a mapping that is %s is open: %s", async (state, open) => {
  lambda.states.set("id-1", state);
  expect(await intakes.isOpen("meta")).toBe(open);
});

test("a mapping that is still changing is left for the next time; any other refusal is an error", async () => {
  lambda.refuse = "ResourceInUseException";
  await expect(intakes.set("meta", false)).resolves.toBeUndefined();
  lambda.refuse = "InvalidParameterValueException";
  await expect(intakes.set("meta", false)).rejects.toThrow("refused");
  await expect(intakes.isOpen("gone")).rejects.toThrow("no such mapping");
});

test("a lane without a mapping is an error that names it", async () => {
  await expect(intakes.isOpen("ga4")).rejects.toThrow("ga4");
  await expect(intakes.set("ga4", true)).rejects.toThrow("ga4");
  expect(lambda.calls).toEqual([]);
});

test("the environment's text is a JSON object or an error", () => {
  expect(readMappings('{"meta":"id-1"}')).toEqual({ meta: "id-1" });
  expect(() => readMappings("null")).toThrow("LANE_INTAKES");
  expect(() => readMappings("x")).toThrow();
});
