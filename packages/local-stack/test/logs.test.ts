import { join } from "node:path";
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
} from "@aws-sdk/client-cloudwatch-logs";
import { Logs } from "../src/logs.ts";
import { type Services, startServices } from "../src/services.ts";
import { functionResources, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

const logGroupName = "/aws/lambda/writer";
const group = (end: string) => `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}${end}`;
const cdkOutDir = writeAssembly({
  Resources: {
    Jobs: { Type: "AWS::SQS::Queue", Properties: { QueueName: "jobs" } },
    ...functionResources("Writer", []),
    ...functionResources("Reader", [{ Effect: "Allow", Action: "logs:FilterLogEvents", Resource: group(":*") }]),
    ...functionResources("Nearly", [{ Effect: "Allow", Action: "logs:FilterLogEvents", Resource: group("") }]),
  },
});

let services: Services;
const AT_MS = Date.parse("2026-03-01T10:00:00Z");

function clientOf(name: string): CloudWatchLogsClient {
  const credentials = services.credentialsFor(`arn:aws:lambda:us-east-1:000000000000:function:${name}`);
  return new CloudWatchLogsClient({ endpoint: services.gatewayUrl, region: "us-east-1", credentials, maxAttempts: 1 });
}
const filter = (more: Partial<FilterLogEventsCommandInput> = {}, name = "reader") =>
  clientOf(name).send(new FilterLogEventsCommand({ logGroupName, ...more }));
const messages = async (more: Partial<FilterLogEventsCommandInput>) =>
  ((await filter(more)).events ?? []).map(({ message }) => message);

beforeAll(async () => {
  const secretsFile = join(temporaryDirectory(), "secrets.json");
  services = await startServices({ cdkOutDir, secretsFile, log: () => {}, now: () => AT_MS + 60_000 });
  for (let at = 0; at < 5; at += 1) {
    services.logSink.write(logGroupName, JSON.stringify({ level: at % 2 === 0 ? "INFO" : "ERROR", at }), AT_MS + at);
  }
  services.logSink.write("/aws/lambda/reader", "another group", AT_MS);
});
afterAll(() => services.stop());

test("a group's lines come back in order with their times, and an id each", async () => {
  const { events = [] } = await filter();
  expect(events.map(({ timestamp, ingestionTime }) => [timestamp, ingestionTime])).toEqual(
    Array.from({ length: 5 }, (_, at) => [AT_MS + at, AT_MS + 60_000]),
  );
  expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(5);
  expect(events[0]).toMatchObject({ message: '{"level":"INFO","at":0}', logStreamName: expect.any(String) });
});

test("times bound it at both ends, patterns choose, and pages follow one another", async () => {
  const [startTime, endTime] = [AT_MS + 1, AT_MS + 3];
  expect(await messages({ startTime, endTime })).toHaveLength(3);
  expect(await messages({ filterPattern: '{ $.level = "ERROR" }' })).toEqual([
    '{"level":"ERROR","at":1}',
    '{"level":"ERROR","at":3}',
  ]);
  const pages: unknown[] = [];
  let nextToken: string | undefined;
  do {
    const page = await filter({ limit: 2, filterPattern: "level", ...(nextToken === undefined ? {} : { nextToken }) });
    pages.push(page.events?.length);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(pages).toEqual([2, 2, 1]);
});

test("what does not run here is refused by name", async () => {
  const refused = (named: string) => ({ name: "InvalidParameterException", message: expect.stringContaining(named) });
  await expect(filter({ filterPattern: "[a, b]" })).rejects.toMatchObject(refused("space-delimited"));
  await expect(filter({ logStreamNames: ["x"] })).rejects.toMatchObject(refused("logStreamNames"));
  await expect(filter({ nextToken: "made up" })).rejects.toMatchObject(refused("nextToken"));
  await expect(filter({ limit: 10_001 })).rejects.toMatchObject(refused("limit"));
});

test("a policy must end in :*, as on AWS, and a group that nobody writes is none", async () => {
  await expect(filter({}, "nearly")).rejects.toMatchObject({ name: "AccessDeniedException" });
  await expect(filter({ logGroupName: "/aws/lambda/reader" })).rejects.toMatchObject({ name: "AccessDeniedException" });
  const input = { logGroupName: "/aws/lambda/nobody" };
  const operator = services.operatorCredentials;
  const client = new CloudWatchLogsClient({
    endpoint: services.gatewayUrl,
    region: "us-east-1",
    credentials: operator,
  });
  await expect(client.send(new FilterLogEventsCommand(input))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("a group keeps its newest 20,000 lines, and no more memory than that needs", () => {
  const logs = new Logs(["g"], () => AT_MS);
  for (let at = 0; at < 45_000; at += 1) logs.write("g", String(at), AT_MS);
  const first = logs.call("FilterLogEvents", { logGroupName: "g", limit: 1 });
  expect(first.events).toMatchObject([{ message: "25000" }]);
  const seen: unknown[] = [];
  let nextToken: unknown;
  do {
    const page = logs.call("FilterLogEvents", { logGroupName: "g", ...(nextToken === undefined ? {} : { nextToken }) });
    seen.push(...(page.events as unknown[]));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(seen).toHaveLength(20_000);
  expect(seen.at(-1)).toMatchObject({ message: "44999" });
});
