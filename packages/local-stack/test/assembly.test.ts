import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as cdk from "aws-cdk-lib";
import * as gateway from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as events from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import * as scheduler from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import * as sns from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { readAssembly } from "../src/assembly.ts";
import { evaluate } from "../src/iam.ts";
import type { StackModel } from "../src/model.ts";
import { functionResources, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

const gatewayUrl = "http://127.0.0.1:4000";

function synthesise(): string {
  const outdir = join(temporaryDirectory(), "cdk.out");
  const code = join(temporaryDirectory(), "code");
  mkdirSync(code);
  writeFileSync(join(code, "index.mjs"), "export const handler = async () => {};");
  const app = new cdk.App({ outdir, analyticsReporting: false });
  const stack = new cdk.Stack(app, "Shop");

  const deadLetters = new sqs.Queue(stack, "Dead", { fifo: true });
  const queue = new sqs.Queue(stack, "Jobs", {
    fifo: true,
    deduplicationScope: sqs.DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    visibilityTimeout: cdk.Duration.seconds(90),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 1000 },
    enforceSSL: true,
  });
  const table = new dynamodb.TableV2(stack, "Items", {
    tableName: "items",
    partitionKey: { name: "pk", type: dynamodb.AttributeType.STRING },
    sortKey: { name: "sk", type: dynamodb.AttributeType.STRING },
    timeToLiveAttribute: "expires_at",
    globalSecondaryIndexes: [
      { indexName: "attention", partitionKey: { name: "attention", type: dynamodb.AttributeType.STRING } },
    ],
  });
  const secret = new secrets.Secret(stack, "Key", { secretName: "shop/key", description: "For the door" });
  const worker = new lambda.Function(stack, "Worker", {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: lambda.Code.fromAsset(code),
    memorySize: 256,
    timeout: cdk.Duration.seconds(15),
    tracing: lambda.Tracing.ACTIVE,
    environment: { QUEUE_URL: queue.queueUrl, TABLE: table.tableName, HOME: `${stack.region}/${stack.account}` },
  });
  worker.addEventSource(new SqsEventSource(queue, { batchSize: 10, maxConcurrency: 5, reportBatchItemFailures: true }));
  table.grantReadData(worker);
  secret.grantRead(worker);

  const api = new gateway.HttpApi(stack, "Api", {
    corsPreflight: { allowOrigins: ["https://shop.example"], allowMethods: [gateway.CorsHttpMethod.POST] },
    defaultIntegration: new HttpLambdaIntegration("Door", worker),
  });
  new scheduler.Schedule(stack, "Hourly", {
    schedule: scheduler.ScheduleExpression.rate(cdk.Duration.hours(1)),
    target: new LambdaInvoke(worker, { input: scheduler.ScheduleTargetInput.fromObject({ task: "sweep" }) }),
  });
  new events.Rule(stack, "Daily", {
    schedule: events.Schedule.cron({ hour: "3", minute: "0" }),
    targets: [new LambdaFunction(worker)],
  });

  const topic = new sns.Topic(stack, "Alerts");
  topic.addSubscription(new EmailSubscription("ops@shop.example"));
  const metric = (metricName: string) =>
    new cloudwatch.Metric({ namespace: "Shop", metricName, dimensionsMap: { lane: "meta" }, statistic: "Sum" });
  const share = new cloudwatch.MathExpression({
    expression: "100 * bad / (good + bad)",
    usingMetrics: { good: metric("Good"), bad: metric("Bad") },
  });
  share
    .createAlarm(stack, "Share", { threshold: 5, evaluationPeriods: 3, datapointsToAlarm: 2 })
    .addAlarmAction(new SnsAction(topic));
  deadLetters
    .metricApproximateNumberOfMessagesVisible()
    .createAlarm(stack, "DeadLetters", { threshold: 1, evaluationPeriods: 1 });
  new cdk.CfnOutput(stack, "Url", { value: api.apiEndpoint });
  app.synth();
  return outdir;
}

describe("a stack that the CDK synthesised", () => {
  let model: StackModel;
  beforeAll(() => {
    model = readAssembly(synthesise(), { gatewayUrl });
  });

  test("queues are named, point at their dead letters, and have URLs at the gateway", () => {
    const jobs = model.queues.find(({ logicalId }) => logicalId.startsWith("Jobs"));
    const dead = model.queues.find(({ logicalId }) => logicalId.startsWith("Dead"));
    expect(jobs?.name).toMatch(/^Shop-Jobs\w+-local\.fifo$/);
    expect(jobs?.attributes).toMatchObject({
      FifoQueue: "true",
      DeduplicationScope: "messageGroup",
      VisibilityTimeout: "90",
    });
    expect(JSON.parse(jobs?.attributes.RedrivePolicy ?? "")).toEqual({
      deadLetterTargetArn: dead?.arn,
      maxReceiveCount: 1000,
    });
    expect(model.functions[0]?.environment.QUEUE_URL).toBe(`${gatewayUrl}/000000000000/${jobs?.name}`);
  });

  test("a function has its asset, its settings, and a role with every statement", () => {
    const [worker] = model.functions;
    expect(worker).toMatchObject({
      handler: "index.handler",
      memoryMb: 256,
      timeoutSeconds: 15,
      environment: { TABLE: "items", HOME: "us-east-1/000000000000" },
    });
    expect(worker?.codePath).toMatch(/cdk\.out\/asset\.[0-9a-f]{64}$/);
    const may = (action: string, resource: string) => evaluate(worker?.role.statements ?? [], action, resource).allowed;
    const table = model.tables[0]?.arn ?? "";
    expect(may("dynamodb:Query", `${table}/index/attention`)).toBe(true);
    expect(may("dynamodb:PutItem", table)).toBe(false);
    expect(may("secretsmanager:GetSecretValue", model.secrets[0]?.arn ?? "")).toBe(true);
    expect(may("xray:PutTraceSegments", "*")).toBe(true);
    expect(may("logs:PutLogEvents", "arn:aws:logs:us-east-1:000000000000:log-group:x")).toBe(true);
  });

  test("tables have keys, indexes and expiry", () => {
    expect(model.tables).toMatchObject([
      {
        name: "items",
        ttlAttribute: "expires_at",
        keySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        globalSecondaryIndexes: [{ IndexName: "attention", Projection: { ProjectionType: "ALL" } }],
      },
    ]);
  });

  test("the API, the mapping and the schedules all lead to the function", () => {
    const functionArn = model.functions[0]?.arn;
    expect(model.httpApis).toMatchObject([
      {
        routes: [{ routeKey: "$default", functionArn, payloadFormat: "2.0", timeoutMs: 30_000 }],
        cors: { allowOrigins: ["https://shop.example"], allowMethods: ["POST"] },
      },
    ]);
    expect(model.eventSourceMappings).toMatchObject([
      { functionArn, batchSize: 10, maximumConcurrency: 5, reportBatchItemFailures: true, enabled: true },
    ]);
    expect(model.schedules).toMatchObject([
      { expression: "rate(1 hour)", functionArn, input: '{"task":"sweep"}', enabled: true },
      { expression: "cron(0 3 * * ? *)", functionArn, enabled: true },
    ]);
  });

  test("secrets, topics and alarms are read with their details", () => {
    expect(model.secrets).toMatchObject([{ name: "shop/key", description: "For the door", generate: {} }]);
    expect(model.topics).toMatchObject([{ subscriptions: [{ protocol: "email", endpoint: "ops@shop.example" }] }]);
    const share = model.alarms.find(({ logicalId }) => logicalId.startsWith("Share"));
    expect(share).toMatchObject({
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: "missing",
      alarmActions: [model.topics[0]?.arn],
    });
    expect(share?.metrics).toContainEqual({
      id: "bad",
      returnData: false,
      stat: { namespace: "Shop", metricName: "Bad", dimensions: { lane: "meta" }, stat: "Sum", periodSeconds: 300 },
    });
    expect(model.outputs.Url).toMatch(/^https:\/\/api\w+\.execute-api\.us-east-1\.amazonaws\.com$/);
  });
});

describe("what cannot be run is refused, by name", () => {
  const read = (template: object, stackName?: string) =>
    readAssembly(writeAssembly(template), { gatewayUrl, ...(stackName === undefined ? {} : { stackName }) });
  const worker = functionResources("Worker", []);
  const Jobs = { Type: "AWS::SQS::Queue", Properties: {} };

  test("a resource type on no list", () => {
    const Resources = { Cluster: { Type: "AWS::ECS::Cluster" }, Own: { Type: "Custom::Thing" } };
    expect(() => read({ Resources })).toThrow("Cluster (AWS::ECS::Cluster), Own (Custom::Thing)");
  });

  test("an unknown managed policy", () => {
    const Role = { Type: "AWS::IAM::Role", Properties: { ManagedPolicyArns: ["arn:aws:iam::aws:policy/Admin"] } };
    expect(() => read({ Resources: { Role } })).toThrow("arn:aws:iam::aws:policy/Admin");
  });

  test("a FIFO queue with a standard dead-letter name, a batch that Lambda would not take, a parameter without default", () => {
    const Wrong = { Type: "AWS::SQS::Queue", Properties: { QueueName: "plain", FifoQueue: true } };
    expect(() => read({ Resources: { Wrong } })).toThrow(".fifo");
    const Mapping = {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: { EventSourceArn: { "Fn::GetAtt": ["Jobs", "Arn"] }, FunctionName: { Ref: "Worker" }, BatchSize: 50 },
    };
    expect(() => read({ Resources: { ...worker, Jobs, Mapping } })).toThrow("batching window");
    expect(() => read({ Parameters: { Size: { Type: "Number" } }, Resources: {} })).toThrow("Parameters.Size");
  });

  test("inline code", () => {
    const { Worker } = worker as { Worker: { Properties: object } };
    const Inline = { ...Worker, Properties: { ...Worker.Properties, Code: { ZipFile: "1" } } };
    expect(() => read({ Resources: { ...worker, Jobs, Inline } })).toThrow("directory asset");
  });

  test("a stack that is not there", () => {
    expect(() => read({ Resources: {} }, "Other")).toThrow("it holds: Shop");
  });
});

test("resources under a false condition are not there", () => {
  const template = {
    Parameters: { Size: { Type: "String", Default: "small" } },
    Conditions: {
      IsLarge: { "Fn::Equals": [{ Ref: "Size" }, "large"] },
      IsSmall: { "Fn::Not": [{ Condition: "IsLarge" }] },
    },
    Resources: {
      Big: { Type: "AWS::SQS::Queue", Condition: "IsLarge", Properties: {} },
      Small: { Type: "AWS::SQS::Queue", Condition: "IsSmall", Properties: {} },
    },
  };
  const model = readAssembly(writeAssembly(template), { gatewayUrl });
  expect(model.queues.map(({ name }) => name)).toEqual(["Shop-Small-local"]);
});
