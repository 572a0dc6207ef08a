import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type LocalStack, type LocalStackOptions, startLocalStack } from "../src/local-stack.ts";
import { DATA_RESOURCES, functionResources, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

// Stopping a stack and starting another assembly on the same data is a deployment: what CloudFormation would keep is
// kept, what is new is made, and the functions are those of the new assembly.

const poll = { Effect: "Allow", Action: "sqs:*", Resource: "*" };
const mapping = (functionName: string, queue: string, more: object = {}) => ({
  Type: "AWS::Lambda::EventSourceMapping",
  Properties: { FunctionName: { Ref: functionName }, EventSourceArn: { "Fn::GetAtt": [queue, "Arn"] }, ...more },
});

function assembly(version: string, resources: object, feed: object = {}): string {
  const directory = writeAssembly({
    Resources: {
      ...DATA_RESOURCES,
      ...functionResources("Worker", [poll]),
      Archive: { Type: "AWS::S3::Bucket", Properties: { BucketName: "archive" } },
      Feed: mapping("Worker", "Jobs", feed),
      ...resources,
    },
  });
  const code = `export const handler = async ({ Records }) => { for (const { body } of Records) console.log("${version} got " + body); };`;
  mkdirSync(join(directory, "asset.abc"), { recursive: true });
  writeFileSync(join(directory, "asset.abc", "index.mjs"), code);
  return directory;
}

const directory = temporaryDirectory();
let stack: LocalStack;

/** Starts the assembly on the data of the one before; `lines` are what its functions write. */
async function deploy(cdkOutDir: string): Promise<void> {
  const options: LocalStackOptions = {
    cdkOutDir,
    secretsFile: join(directory, "secrets.json"),
    dataDir: join(directory, "data"),
  };
  stack = await startLocalStack(options);
}

afterEach(() => stack.stop());

function clientConfig() {
  const { gatewayUrl: endpoint, operatorCredentials: credentials } = stack;
  return { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
}
const s3 = () => new S3Client({ ...clientConfig(), forcePathStyle: true });
const send = (queue: string, MessageBody: string) =>
  new SQSClient(clientConfig()).send(
    new SendMessageCommand({ QueueUrl: `${stack.gatewayUrl}/000000000000/${queue}`, MessageBody }),
  );

async function feed() {
  const { EventSourceMappings = [] } = await new LambdaClient(clientConfig()).send(
    new ListEventSourceMappingsCommand({ FunctionName: "worker" }),
  );
  return EventSourceMappings[0];
}

const turn = (Enabled: boolean, UUID: string | undefined) =>
  new LambdaClient(clientConfig()).send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));

/** Resolves when the mapping has let go of its queue. */
async function untilDisabled(UUID: string | undefined): Promise<void> {
  const lambda = new LambdaClient(clientConfig());
  for (;;) {
    const { State } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    if (State === "Disabled") return;
  }
}

function line(pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    const end = stack.subscribe((entry) => {
      if (!pattern.test(entry.line)) return;
      end();
      resolve(entry.line);
    });
  });
}

test("a deployment keeps messages, objects and the switch of a mapping, and runs the new code", async () => {
  await deploy(assembly("v1", {}));
  const before = await feed();
  const first = line(/ got one$/);
  await send("jobs", "one");
  expect(await first).toBe("v1 got one");
  await turn(false, before?.UUID);
  await untilDisabled(before?.UUID);
  await send("jobs", "two");
  await s3().send(new PutObjectCommand({ Bucket: "archive", Key: "kept", Body: "x" }));
  const oldGateway = stack.gatewayUrl;
  await stack.stop();

  const added = {
    Extra: { Type: "AWS::SQS::Queue", Properties: { QueueName: "extra", VisibilityTimeout: 7 } },
    ExtraFeed: mapping("Extra2", "Extra"),
    ...functionResources("Extra2", [poll]),
    Second: { Type: "AWS::S3::Bucket", Properties: { BucketName: "second" } },
  };
  await deploy(assembly("v2", added, { BatchSize: 5 }));
  expect(stack.gatewayUrl).not.toBe(oldGateway);
  expect(await feed()).toMatchObject({ UUID: before?.UUID, State: "Disabled", BatchSize: 5 });
  const QueueUrl = `${stack.gatewayUrl}/000000000000/jobs`;
  const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] });
  expect((await new SQSClient(clientConfig()).send(attributes)).Attributes).toEqual({
    ApproximateNumberOfMessages: "1",
  });
  expect((await s3().send(new ListObjectsV2Command({ Bucket: "archive" }))).Contents).toMatchObject([{ Key: "kept" }]);
  expect((await s3().send(new ListObjectsV2Command({ Bucket: "second" }))).KeyCount).toBe(0);

  const second = line(/ got two$/);
  await turn(true, before?.UUID);
  expect(await second).toBe("v2 got two");
  const extra = line(/ got three$/);
  await send("extra", "three");
  expect(await extra).toBe("v2 got three");
}, 30_000);

test("a template that switches a mapping itself has the last word", async () => {
  await deploy(assembly("v3", {}));
  const { UUID } = (await feed()) ?? {};
  await turn(false, UUID);
  await untilDisabled(UUID);
  await stack.stop();
  await deploy(assembly("v4", {}, { Enabled: false }));
  expect(await feed()).toMatchObject({ State: "Disabled" });
  await stack.stop();
  await deploy(assembly("v5", {}, { Enabled: true }));
  expect(await feed()).toMatchObject({ State: "Enabled" });
}, 30_000);
