import { join } from "node:path";
import {
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { EventSourceMapping } from "../src/event-source-mapping.ts";
import type { InvokeResult } from "../src/model.ts";
import { type Services, startServices } from "../src/services.ts";
import { sourceQueueOf } from "../src/source-queue.ts";
import { DATA_RESOURCES, functionResources, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

const ARN = "arn:aws:lambda:us-east-1:000000000000";
const WORKER = `${ARN}:function:worker`;
const SWITCHER = `${ARN}:function:switcher`;
const mappingOf = (functionLogicalId: string, queue: string) => ({
  Type: "AWS::Lambda::EventSourceMapping",
  Properties: {
    FunctionName: { Ref: functionLogicalId },
    EventSourceArn: { "Fn::GetAtt": [queue, "Arn"] },
    FunctionResponseTypes: ["ReportBatchItemFailures"],
  },
});
const ownMapping = {
  "Fn::Join": [":", ["arn:aws:lambda", { Ref: "AWS::Region" }, "000000000000:event-source-mapping:*"]],
};
const poll = { Effect: "Allow", Action: "sqs:*", Resource: "*" };
const cdkOutDir = writeAssembly({
  Resources: {
    ...DATA_RESOURCES,
    ...functionResources("Worker", [poll]),
    ...functionResources("Other", [poll]),
    ...functionResources("Switcher", [
      {
        Effect: "Allow",
        Action: ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"],
        Resource: ownMapping,
        Condition: { ArnEquals: { "lambda:FunctionArn": { "Fn::GetAtt": ["Worker", "Arn"] } } },
      },
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: { "Fn::GetAtt": ["Worker", "Arn"] } },
    ]),
    Feed: mappingOf("Worker", "Jobs"),
    OtherFeed: mappingOf("Other", "JobsDead"),
  },
  Outputs: {
    Ref: { Value: { Ref: "Feed" } },
    Id: { Value: { "Fn::GetAtt": ["Feed", "Id"] } },
    Arn: { Value: { "Fn::GetAtt": ["Feed", "EventSourceMappingArn"] } },
  },
});

let services: Services;
let mappings: readonly EventSourceMapping[];
let operator: LambdaClient;
let invoked: unknown[];
let answer: (payload: unknown) => Promise<InvokeResult>;
const problems: string[] = [];

const clientOf = (credentials: Services["operatorCredentials"]) =>
  new LambdaClient({ endpoint: services.gatewayUrl, region: "us-east-1", credentials, maxAttempts: 1 });
const uuid = () => services.model.outputs.Ref ?? "";
const get = () => operator.send(new GetEventSourceMappingCommand({ UUID: uuid() }));
const turn = (Enabled: boolean) => operator.send(new UpdateEventSourceMappingCommand({ UUID: uuid(), Enabled }));

beforeEach(async () => {
  services = await startServices({
    cdkOutDir,
    secretsFile: join(temporaryDirectory(), "secrets.json"),
    log: (line) => void problems.push(line),
  });
  invoked = [];
  answer = () => Promise.resolve({ ok: true, payload: { batchItemFailures: [] } });
  const invoker = {
    invoke(_functionArn: string, payload: unknown) {
      invoked.push(payload);
      return answer(payload);
    },
  };
  mappings = services.model.eventSourceMappings.map((model) => {
    const queueUrl = `${services.gatewayUrl}/000000000000/${model.queueArn.split(":").pop()}`;
    const queue = sourceQueueOf(services, model, queueUrl);
    return new EventSourceMapping({ model, region: "us-east-1", queue, invoker, onProblem: (it) => problems.push(it) });
  });
  services.attachFunctions({ invoker, mappings });
  await Promise.all(mappings.map((mapping) => mapping.start()));
  operator = clientOf(services.operatorCredentials);
});

afterEach(async () => {
  await Promise.all(mappings.map((mapping) => mapping.stop()));
  await services.stop();
});

const jobs = () => ({ QueueUrl: `${services.gatewayUrl}/000000000000/jobs` });
const send = (MessageBody: string) => services.call("operator", "sqs", "SendMessage", { ...jobs(), MessageBody });

async function counts(): Promise<unknown> {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
  const { Attributes } = await services.call("operator", "sqs", "GetQueueAttributes", { ...jobs(), AttributeNames });
  return Attributes;
}

test("a mapping has one UUID: in the template, in its ARN and in the API", async () => {
  const { outputs } = services.model;
  expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(outputs).toEqual({ Ref: uuid(), Id: uuid(), Arn: `${ARN}:event-source-mapping:${uuid()}` });
  const all = await operator.send(new ListEventSourceMappingsCommand({}));
  expect(all.EventSourceMappings).toHaveLength(2);
  for (const FunctionName of ["worker", WORKER, "function:worker"]) {
    const found = await operator.send(new ListEventSourceMappingsCommand({ FunctionName }));
    expect(found.EventSourceMappings).toMatchObject([
      {
        UUID: uuid(),
        EventSourceMappingArn: outputs.Arn,
        FunctionArn: WORKER,
        EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:jobs",
        State: "Enabled",
        BatchSize: 10,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        LastModified: expect.any(Date),
      },
    ]);
  }
  const EventSourceArn = "arn:aws:sqs:us-east-1:000000000000:jobs-dead";
  const byQueue = await operator.send(new ListEventSourceMappingsCommand({ EventSourceArn }));
  expect(byQueue.EventSourceMappings?.map(({ FunctionArn }) => FunctionArn)).toEqual([`${ARN}:function:other`]);
  const page = await operator.send(new ListEventSourceMappingsCommand({ MaxItems: 1 }));
  const rest = await operator.send(new ListEventSourceMappingsCommand({ MaxItems: 1, Marker: page.NextMarker }));
  expect([...(page.EventSourceMappings ?? []), ...(rest.EventSourceMappings ?? [])]).toEqual(all.EventSourceMappings);
  expect(rest.NextMarker).toBeUndefined();
});

test("switched off, a mapping ends the batch under way and leaves the queue alone until it is switched on", async () => {
  const underWay = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  answer = async () => {
    underWay.resolve();
    await release.promise;
    return { ok: true, payload: null };
  };
  await send("first");
  await underWay.promise;
  expect(await turn(false)).toMatchObject({ State: "Disabling", $metadata: { httpStatusCode: 202 } });
  await expect(turn(true)).rejects.toMatchObject({ name: "ResourceInUseException" });
  await send("second");
  release.resolve();
  await mappings.find(({ model }) => model.logicalId === "Feed")?.disable();
  expect(await get()).toMatchObject({ State: "Disabled" });
  expect(invoked).toHaveLength(1);
  expect(await counts()).toEqual({ ApproximateNumberOfMessages: "1", ApproximateNumberOfMessagesNotVisible: "0" });

  const delivered = Promise.withResolvers<unknown>();
  answer = (payload) => {
    delivered.resolve(payload);
    return Promise.resolve({ ok: true, payload: null });
  };
  expect(await turn(true)).toMatchObject({ State: "Enabling" });
  expect(await delivered.promise).toMatchObject({ Records: [{ body: "second" }] });
  expect(await get()).toMatchObject({ State: "Enabled" });
});

test("a role may switch the mappings of the function that its condition names, and no others", async () => {
  const switcher = clientOf(services.credentialsFor(SWITCHER));
  await expect(switcher.send(new GetEventSourceMappingCommand({ UUID: uuid() }))).resolves.toBeDefined();
  const other = mappings.find(({ model }) => model.logicalId === "OtherFeed")?.model.uuid ?? "";
  const refused = switcher.send(new UpdateEventSourceMappingCommand({ UUID: other, Enabled: false }));
  await expect(refused).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining(
      `lambda:UpdateEventSourceMapping on resource: ${ARN}:event-source-mapping:${other}`,
    ),
    $metadata: { httpStatusCode: 403 },
  });
  await expect(switcher.send(new ListEventSourceMappingsCommand({}))).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
});

test("only the switch of a mapping can be turned", async () => {
  const change = operator.send(new UpdateEventSourceMappingCommand({ UUID: uuid(), BatchSize: 5 }));
  await expect(change).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: expect.stringContaining("BatchSize"),
  });
  const nobody = operator.send(new GetEventSourceMappingCommand({ UUID: "00000000-0000-4000-8000-000000000000" }));
  await expect(nobody).rejects.toMatchObject({ name: "ResourceNotFoundException", $metadata: { httpStatusCode: 404 } });
});

describe("Invoke", () => {
  const invoke = (Payload: string, more: { InvocationType?: "Event" | "DryRun"; FunctionName?: string } = {}) =>
    clientOf(services.credentialsFor(SWITCHER)).send(new InvokeCommand({ FunctionName: WORKER, Payload, ...more }));

  test("answers with what the handler returned", async () => {
    answer = (payload) => Promise.resolve({ ok: true, payload: { got: payload } });
    const { StatusCode, FunctionError, ExecutedVersion, Payload } = await invoke('{"a":1}');
    expect([StatusCode, FunctionError, ExecutedVersion]).toEqual([200, undefined, "$LATEST"]);
    expect(JSON.parse(Payload?.transformToString() ?? "")).toEqual({ got: { a: 1 } });
  });

  test("a handler's error is an answer, no concurrency left is not", async () => {
    answer = () => Promise.resolve({ ok: false, error: "handler_error", message: "TypeError: no: such thing" });
    const { StatusCode, FunctionError, Payload } = await invoke("{}");
    expect([StatusCode, FunctionError]).toEqual([200, "Unhandled"]);
    expect(JSON.parse(Payload?.transformToString() ?? "")).toEqual({
      errorType: "TypeError",
      errorMessage: "no: such thing",
    });
    answer = () => Promise.resolve({ ok: false, error: "throttled", message: "Rate Exceeded" });
    await expect(invoke("{}")).rejects.toMatchObject({
      name: "TooManyRequestsException",
      $metadata: { httpStatusCode: 429 },
    });
  });

  test("an event is taken before it runs, and its failure is told", async () => {
    const failing = Promise.withResolvers<InvokeResult>();
    answer = () => failing.promise;
    expect(await invoke('{"later":true}', { InvocationType: "Event" })).toMatchObject({ StatusCode: 202 });
    expect(invoked).toEqual([{ later: true }]);
    failing.resolve({ ok: false, error: "handler_error", message: "Error: broken" });
    await failing.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(problems.pop()).toMatch(/asynchronous invocation .*worker failed: Error: broken/);
  });

  test("what Lambda refuses is refused", async () => {
    await expect(invoke("{")).rejects.toMatchObject({ name: "InvalidRequestContentException" });
    const large = invoke(`"${"x".repeat(1_048_576)}"`, { InvocationType: "Event" });
    await expect(large).rejects.toMatchObject({ name: "RequestTooLargeException" });
    await expect(invoke("{}", { FunctionName: "other" })).rejects.toMatchObject({ name: "AccessDeniedException" });
    const unknown = operator.send(new InvokeCommand({ FunctionName: "nobody" }));
    await expect(unknown).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    expect(await invoke("{}", { InvocationType: "DryRun" })).toMatchObject({ StatusCode: 204 });
    expect(invoked).toEqual([]);
  });
});

test("faults and the meter know the service, and a path that does not run here is refused by name", async () => {
  const fault = {
    service: "lambda",
    operation: "UpdateEventSourceMapping",
    error: "TooManyRequestsException",
    count: 1,
  };
  await fetch(`${services.gatewayUrl}/_local/faults`, { method: "POST", body: JSON.stringify(fault) });
  await expect(turn(false)).rejects.toMatchObject({ name: "TooManyRequestsException" });
  expect(await get()).toMatchObject({ State: "Enabled" });
  expect(services.meter.report().total["lambda:UpdateEventSourceMapping"]).toMatchObject({ calls: 1, errors: 1 });
  const authorization = `AWS4-HMAC-SHA256 Credential=${services.operatorCredentials.accessKeyId}/20260301/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0`;
  const response = await fetch(`${services.gatewayUrl}/2015-03-31/functions/`, { headers: { authorization } });
  expect([response.status, await response.json()]).toMatchObject([
    404,
    { Message: expect.stringContaining("functions") },
  ]);
});
