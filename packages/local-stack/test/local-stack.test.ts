import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Duration, Stack } from "aws-cdk-lib";
import { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { AttributeType, Table } from "aws-cdk-lib/aws-dynamodb";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { CfnEventSourceMapping, Code, Function as LambdaFn, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { buildSync } from "esbuild";
import { type LocalStack, type LocalStackOptions, startLocalStack } from "../src/local-stack.ts";

/** `POST /send` queues its body, `GET /peek` reads a table it has no grant for. */
const FRONT = `
import { SQSClient, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
const sqs = new SQSClient({});
const db = new DynamoDBClient({});
export const handler = async (event) => {
  if (event.rawPath === "/peek") {
    try {
      await db.send(new GetItemCommand({ TableName: process.env.TABLE, Key: { pk: { S: "1" } } }));
      return { statusCode: 200 };
    } catch (error) {
      return { statusCode: 403, body: error.name + ": " + error.message };
    }
  }
  const Entries = JSON.parse(event.body).map((order, at) => ({ Id: String(at), MessageBody: JSON.stringify(order) }));
  const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl: process.env.QUEUE_URL, Entries }));
  return { statusCode: 202, body: String(sent.Successful.length) };
};`;

/** Stores each order; what an order asks to go wrong goes wrong on its first receipt only. */
const BACK = `
import { SQSClient, ChangeMessageVisibilityCommand } from "@aws-sdk/client-sqs";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
const sqs = new SQSClient({});
const db = new DynamoDBClient({});
export const handler = async (event) => {
  if (event.Records === undefined) return console.log("scheduled " + JSON.stringify(event));
  const batchItemFailures = [];
  for (const { messageId, receiptHandle, body, attributes } of event.Records) {
    const order = JSON.parse(body);
    const first = attributes.ApproximateReceiveCount === "1";
    if (order.hang && first) await new Promise(() => setTimeout(() => {}, 60_000));
    if (order.fail && first) {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: process.env.QUEUE_URL, ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }));
      batchItemFailures.push({ itemIdentifier: messageId });
      continue;
    }
    await db.send(new PutItemCommand({ TableName: process.env.TABLE, Item: { pk: { S: order.id } } }));
    console.log("stored " + order.id + " on receipt " + attributes.ApproximateReceiveCount);
  }
  return { batchItemFailures };
};`;

function assetOf(contents: string): Code {
  const directory = mkdtempSync(join(tmpdir(), "local-stack-asset-"));
  buildSync({
    stdin: { contents, resolveDir: import.meta.dirname, loader: "js" },
    outfile: join(directory, "index.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
  });
  return Code.fromAsset(directory);
}

function fnOf(stack: Stack, id: string, code: Code, environment: Record<string, string>): LambdaFn {
  const settings = { runtime: Runtime.NODEJS_24_X, handler: "index.handler", memorySize: 256 };
  return new LambdaFn(stack, id, { ...settings, code, environment, timeout: Duration.seconds(2) });
}

function synthesise(): string {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), "local-stack-out-")) });
  const [front, back] = [assetOf(FRONT), assetOf(BACK)];
  const orders = new Stack(app, "Orders");
  const table = new Table(orders, "Table", { partitionKey: { name: "pk", type: AttributeType.STRING } });
  const queue = new Queue(orders, "Queue", { visibilityTimeout: Duration.seconds(3) });
  const env = { QUEUE_URL: queue.queueUrl, TABLE: table.tableName };
  const door = fnOf(orders, "Front", front, env);
  const store = fnOf(orders, "Back", back, env);
  queue.grantSendMessages(door);
  table.grantWriteData(store);
  store.addEventSource(new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true }));
  const api = new HttpApi(orders, "Api");
  const integration = new HttpLambdaIntegration("Front", door);
  api.addRoutes({ path: "/send", integration });
  api.addRoutes({ path: "/peek", integration });
  const target = new LambdaFunction(store, { event: RuleTargetInput.fromObject({ sweep: true }) });
  new Rule(orders, "Sweep", { ruleName: "sweep", schedule: Schedule.rate(Duration.days(1)), targets: [target] });

  const ungranted = new Stack(app, "Ungranted");
  const unread = new Queue(ungranted, "Queue");
  const functionName = fnOf(ungranted, "Back", assetOf(BACK), {}).functionName;
  new CfnEventSourceMapping(ungranted, "Mapping", { functionName, eventSourceArn: unread.queueArn });
  app.synth();
  return app.outdir;
}

let cdkOutDir: string;
let stack: LocalStack;

function optionsFor(stackName: string): LocalStackOptions {
  return {
    cdkOutDir,
    stackName,
    secretsFile: join(mkdtempSync(join(tmpdir(), "local-stack-secrets-")), "secrets.json"),
  };
}

/** Resolves with the first line, from now on, that the pattern fits. */
function line(pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    const end = stack.subscribe((entry) => {
      if (!pattern.test(entry.line)) return;
      end();
      resolve(entry.line);
    });
  });
}

async function send(...orders: object[]): Promise<void> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(orders) };
  const response = await fetch(`${stack.apiUrl()}/send`, init);
  expect([response.status, await response.text()]).toEqual([202, String(orders.length)]);
}

beforeAll(async () => {
  cdkOutDir = synthesise();
  stack = await startLocalStack(optionsFor("Orders"));
}, 120_000);
afterAll(() => stack?.stop());

test("an order goes from the API through the queue into the table, as the template wires it", async () => {
  const stored = line(/^stored order-1 on receipt 1$/);
  await send({ id: "order-1" });
  await stored;
  const { total } = stack.meter.report();
  expect(total["dynamodb:PutItem"]).toMatchObject({ calls: 1, writeUnits: 1 });
}, 20_000);

test("a call without a grant is refused with AccessDenied", async () => {
  const response = await fetch(`${stack.apiUrl()}/peek`);
  expect(response.status).toBe(403);
  expect(await response.text()).toMatch(/^AccessDenied.*dynamodb:GetItem/);
}, 20_000);

test("a failed record comes back alone, with the visibility the function gave it", async () => {
  const stored = Promise.all([line(/^stored bad on receipt 2$/), line(/^stored good on receipt 1$/)]);
  await send({ id: "bad", fail: true }, { id: "good" });
  expect(await stored).toHaveLength(2);
}, 20_000);

test("a batch that times out comes back whole, in a new environment", async () => {
  const timedOut = line(/Task timed out after 2\.00 seconds/);
  const stored = line(/^stored stuck on receipt 2$/);
  await send({ id: "stuck", hang: true });
  await timedOut;
  await stored;
}, 20_000);

test("a schedule runs with its input when asked", async () => {
  const ran = line(/^scheduled/);
  expect(await stack.runSchedule("sweep")).toEqual({ ok: true, payload: null });
  expect(await ran).toBe(`scheduled {"sweep":true}`);
});

test("a mapping whose role may not poll fails the start by name", async () => {
  await expect(startLocalStack(optionsFor("Ungranted"))).rejects.toThrow(
    /Mapping: the role of .* cannot poll .*AccessDenied/,
  );
}, 20_000);
