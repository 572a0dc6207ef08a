import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type LocalCredentials, type Services, startServices } from "../src/services.ts";
import { DATA_RESOURCES, functionResources, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

const PRODUCER = "arn:aws:lambda:us-east-1:000000000000:function:producer";
const template = {
  Resources: {
    ...DATA_RESOURCES,
    ...functionResources("Producer", [
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: { "Fn::GetAtt": ["Jobs", "Arn"] } },
      {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"],
        Resource: { "Fn::GetAtt": ["Items", "Arn"] },
        Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["mine#*"] } },
      },
    ]),
    Key: { Type: "AWS::SecretsManager::Secret", Properties: { Name: "shop/key", GenerateSecretString: {} } },
    Empty: { Type: "AWS::SecretsManager::Secret", Properties: { Name: "shop/empty" } },
    News: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
    Pictures: { Type: "AWS::S3::Bucket", Properties: { BucketName: "pictures" } },
    Late: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: "late",
        Namespace: "AWS/SQS",
        MetricName: "ApproximateNumberOfMessagesVisible",
        Dimensions: [{ Name: "QueueName", Value: "jobs-dead" }],
        Statistic: "Maximum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      },
    },
  },
};

let services: Services;
let secretsFile: string;
let nowMs = Date.parse("2026-03-01T10:00:00Z");
const lines: string[] = [];

function clientConfig(credentials: LocalCredentials) {
  return { endpoint: services.gatewayUrl, region: "us-east-1", credentials, maxAttempts: 1 };
}

beforeAll(async () => {
  secretsFile = join(temporaryDirectory(), "secrets.json");
  services = await startServices({
    cdkOutDir: writeAssembly(template),
    secretsFile,
    log: (line) => void lines.push(line),
    now: () => nowMs,
  });
});

afterAll(() => services.stop());

async function control(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${services.gatewayUrl}${path}`, init);
  return { status: response.status, body: await response.json() };
}

describe("who may do what", () => {
  test("a client that writes into its credentials changes nobody else's", async () => {
    const sqs = new SQSClient(clientConfig(services.operatorCredentials));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: `${services.gatewayUrl}/000000000000/jobs` }));
    expect(Object.keys(services.operatorCredentials)).toEqual(["accessKeyId", "secretAccessKey"]);
  });

  test("a role's grant goes through, and the gateway says what it lacks", async () => {
    const sqs = new SQSClient(clientConfig(services.credentialsFor(PRODUCER)));
    const QueueUrl = `${services.gatewayUrl}/000000000000/jobs`;
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }))).resolves.toMatchObject({
      MessageId: expect.any(String),
    });
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({
      name: "AccessDenied",
      message:
        "User: arn:aws:sts::000000000000:assumed-role/Shop-ProducerRole-local/producer is not authorized to perform: " +
        "sqs:ReceiveMessage on resource: arn:aws:sqs:us-east-1:000000000000:jobs because no identity-based policy " +
        "allows the sqs:ReceiveMessage action",
      $metadata: { httpStatusCode: 403 },
    });
    await services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test("leading keys are held against the partition key of items and queries", async () => {
    const dynamo = new DynamoDBClient(clientConfig(services.credentialsFor(PRODUCER)));
    const get = (pk: string) =>
      dynamo.send(new GetItemCommand({ TableName: "items", Key: { pk: { S: pk }, sk: { S: "1" } } }));
    const query = (pk: string) =>
      dynamo.send(
        new QueryCommand({
          TableName: "items",
          KeyConditionExpression: "#p = :p",
          ExpressionAttributeNames: { "#p": "pk" },
          ExpressionAttributeValues: { ":p": { S: pk } },
        }),
      );
    await expect(get("mine#1")).resolves.toBeDefined();
    await expect(get("yours#1")).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(query("mine#1")).resolves.toMatchObject({ Items: [] });
    await expect(query("yours#1")).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("an unknown access key is refused", async () => {
    const stranger = { accessKeyId: "AKIAWHO", secretAccessKey: "x" };
    const dynamo = new DynamoDBClient(clientConfig(stranger));
    await expect(
      dynamo.send(new GetItemCommand({ TableName: "items", Key: { pk: { S: "a" }, sk: { S: "b" } } })),
    ).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });

  test("a call without HTTP is held to the same role", async () => {
    const QueueUrl = `${services.gatewayUrl}/000000000000/jobs`;
    await expect(services.call(PRODUCER, "sqs", "ReceiveMessage", { QueueUrl })).rejects.toMatchObject({
      code: "AccessDenied",
    });
  });
});

describe("DynamoDB", () => {
  const dynamoOf = () => new DynamoDBClient(clientConfig(services.operatorCredentials));

  test("a failed condition gives the item that stood in the way, and still costs a write", async () => {
    const dynamo = dynamoOf();
    const Item = { pk: { S: "claim" }, sk: { S: "1" }, owner: { S: "first" } };
    await dynamo.send(new PutItemCommand({ TableName: "items", Item }));
    services.meter.reset();
    const again = new UpdateItemCommand({
      TableName: "items",
      Key: { pk: Item.pk, sk: Item.sk },
      UpdateExpression: "SET #o = :o",
      ConditionExpression: "attribute_not_exists(pk)",
      ExpressionAttributeNames: { "#o": "owner" },
      ExpressionAttributeValues: { ":o": { S: "second" } },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await expect(dynamo.send(again)).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item });
    const plain = new UpdateItemCommand({ ...again.input, ReturnValuesOnConditionCheckFailure: "NONE" });
    const refusal = await dynamo.send(plain).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: "ConditionalCheckFailedException" });
    expect((refusal as { Item?: unknown }).Item).toBeUndefined();
    expect(services.meter.report().total["dynamodb:UpdateItem"]).toMatchObject({ calls: 2, errors: 2, writeUnits: 2 });
  });

  test("a write that an index takes part in costs the index too, and capacity is told only when asked for", async () => {
    const dynamo = dynamoOf();
    const put = async (attention: string | undefined, ask: boolean) => {
      services.meter.reset();
      const Item = {
        pk: { S: "gsi" },
        sk: { S: "1" },
        ...(attention === undefined ? {} : { attention: { S: attention } }),
      };
      const answer = await dynamo.send(
        new PutItemCommand({ TableName: "items", Item, ...(ask ? { ReturnConsumedCapacity: "TOTAL" } : {}) }),
      );
      return [services.meter.report().total["dynamodb:PutItem"]?.writeUnits, answer.ConsumedCapacity?.CapacityUnits];
    };
    expect(await put(undefined, false)).toEqual([1, undefined]);
    expect(await put("FAILED", true)).toEqual([2, 2]);
    expect(await put("FIXED", false)).toEqual([3, undefined]);
    expect(await put(undefined, false)).toEqual([2, undefined]);
  });

  test("transactions are refused by name", async () => {
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Delete: { TableName: "items", Key: { pk: { S: "a" }, sk: { S: "b" } } } }],
    });
    await expect(dynamoOf().send(transaction)).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: expect.stringContaining("TransactWriteItems"),
    });
  });
});

describe("secrets", () => {
  const get = (SecretId: string) =>
    new SecretsManagerClient(clientConfig(services.operatorCredentials)).send(new GetSecretValueCommand({ SecretId }));

  test("a generated secret is in the file, and the file is what counts", async () => {
    const inFile = JSON.parse(readFileSync(secretsFile, "utf8"));
    expect(inFile["shop/key"]).toHaveLength(32);
    const arn = services.model.secrets.find(({ name }) => name === "shop/key")?.arn ?? "";
    expect((await get(arn)).SecretString).toBe(inFile["shop/key"]);
  });

  test("a secret that nobody filled in has no value", async () => {
    await expect(get("shop/empty")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("metrics and alarms", () => {
  test("what was put is there to be computed with, a large compressed request too", async () => {
    const cloudWatch = new CloudWatchClient(clientConfig(services.operatorCredentials));
    const Timestamp = new Date(nowMs);
    const MetricData = Array.from({ length: 200 }, (_value, index) => ({
      MetricName: index % 2 === 0 ? "Good" : "Bad",
      Timestamp,
      Value: 1,
      Dimensions: [{ Name: "Lane", Value: "meta" }],
    }));
    await cloudWatch.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData }));
    const metric = (MetricName: string) => ({
      Metric: { Namespace: "Shop", MetricName, Dimensions: [{ Name: "Lane", Value: "meta" }] },
      Period: 60,
      Stat: "Sum",
    });
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs - 60_000),
        EndTime: new Date(nowMs + 60_000),
        MetricDataQueries: [
          { Id: "good", MetricStat: metric("Good"), ReturnData: false },
          { Id: "bad", MetricStat: metric("Bad"), ReturnData: false },
          { Id: "share", Expression: "100 * bad / (good + bad)" },
        ],
      }),
    );
    expect(MetricDataResults).toMatchObject([{ Id: "share", Values: [50], Timestamps: [Timestamp] }]);
  });

  /** A statistic of the last minute, through Amazon's own client. */
  async function statistics(Namespace: string, asked: readonly [string, string][], dimension: [string, string]) {
    const cloudWatch = new CloudWatchClient(clientConfig(services.operatorCredentials));
    const Dimensions = [{ Name: dimension[0], Value: dimension[1] }];
    const { MetricDataResults = [] } = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs - 60_000),
        EndTime: new Date(nowMs + 60_000),
        MetricDataQueries: asked.map(([MetricName, Stat], at) => ({
          Id: `m${at}`,
          MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat },
        })),
      }),
    );
    return MetricDataResults.map(({ Values }) => Values?.[0]);
  }

  test("percentiles of what functions recorded come back over the API", async () => {
    const metrics = { LatencyMs: Array.from({ length: 100 }, (_, at) => at + 1), Dest: "meta" };
    const directive = {
      Namespace: "Lanes",
      Dimensions: [["Dest"]],
      Metrics: [{ Name: "LatencyMs", Unit: "Milliseconds" }],
    };
    const line = { _aws: { Timestamp: nowMs, CloudWatchMetrics: [directive] }, ...metrics };
    services.logSink.write("/lanes", JSON.stringify(line), nowMs);
    const asked = ["p50", "p90", "p95", "p99.9", "SampleCount"].map((stat): [string, string] => ["LatencyMs", stat]);
    expect(await statistics("Lanes", asked, ["Dest", "meta"])).toEqual([50, 90, 95, 100, 100]);
  });

  test("each metric comes in its own period, with the label it was asked for", async () => {
    services.metrics.record("Shop", "Steps", {}, 1, nowMs - 60_000);
    services.metrics.record("Shop", "Steps", {}, 2, nowMs);
    const cloudWatch = new CloudWatchClient(clientConfig(services.operatorCredentials));
    const steps = (Id: string, Period: number, Label?: string) => ({
      Id,
      ...(Label === undefined ? {} : { Label }),
      MetricStat: { Metric: { Namespace: "Shop", MetricName: "Steps" }, Period, Stat: "Sum" },
    });
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs - 120_000),
        EndTime: new Date(nowMs + 60_000),
        MetricDataQueries: [steps("minute", 60, "by the minute"), steps("day", 86_400)],
      }),
    );
    expect(MetricDataResults).toMatchObject([
      { Id: "minute", Label: "by the minute", Values: [2, 1] },
      { Id: "day", Label: "Steps", Values: [3] },
    ]);
  });

  test("a queue tells what came, what went, and how old its oldest message is that still has hope", async () => {
    nowMs += 600_000;
    const QueueUrl = `${services.gatewayUrl}/000000000000/per-queue.fifo`;
    const plain = { QueueUrl: `${services.gatewayUrl}/000000000000/jobs-dead` };
    const call = services.call.bind(services, "operator", "sqs");
    await call("PurgeQueue", plain);
    for (const MessageBody of ["12345", "1"]) await call("SendMessage", { ...plain, MessageBody });
    nowMs += 30_000;
    const four = { ...plain, MaxNumberOfMessages: 1, VisibilityTimeout: 0 };
    for (let time = 0; time < 8; time += 1) await call("ReceiveMessage", four);
    nowMs += 10_000;
    await call("SendMessage", { ...plain, MessageBody: "young" });
    await call("ReceiveMessage", { QueueUrl });
    nowMs += 7000;
    await control("POST", "/_local/alarms/evaluate");
    const figures: [string, string][] = [
      ["ApproximateAgeOfOldestMessage", "Maximum"],
      ["ApproximateNumberOfMessagesVisible", "Maximum"],
      ["NumberOfMessagesSent", "Sum"],
      ["SentMessageSize", "Maximum"],
      ["NumberOfMessagesReceived", "Sum"],
    ];
    expect(await statistics("AWS/SQS", figures, ["QueueName", "jobs-dead"])).toEqual([7, 3, 3, 5, 8]);
    const empty: [string, string][] = [["NumberOfEmptyReceives", "Sum"]];
    expect(await statistics("AWS/SQS", empty, ["QueueName", "per-queue.fifo"])).toEqual([1]);
    await call("PurgeQueue", plain);
  });

  test("a dead letter sets off its alarm once the minute is over", async () => {
    const QueueUrl = `${services.gatewayUrl}/000000000000/jobs-dead`;
    await services.call("operator", "sqs", "SendMessage", { QueueUrl, MessageBody: "dead" });
    expect((await control("POST", "/_local/alarms/evaluate")).body).toMatchObject([{ name: "late", state: "OK" }]);
    nowMs += 60_000;
    expect((await control("POST", "/_local/alarms/evaluate")).body).toMatchObject([{ name: "late", state: "ALARM" }]);
    expect(lines.some((line) => line.startsWith("alarm late: OK → ALARM"))).toBe(true);
    await services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test("log lines become metrics, and a bad one an error that can be alarmed", () => {
    const emf = (value: unknown) =>
      JSON.stringify({
        _aws: {
          Timestamp: nowMs,
          CloudWatchMetrics: [{ Namespace: "Logged", Dimensions: [[]], Metrics: [{ Name: "n" }] }],
        },
        n: value,
      });
    services.logSink.write("/aws/lambda/producer", emf(3), nowMs);
    services.logSink.write("/aws/lambda/producer", emf("three"), nowMs);
    expect(lines.at(-1)).toContain("EMFValidationErrors");
  });
});

describe("the meter and the faults", () => {
  test("SQS bills by 64 KB, per function and in all", async () => {
    services.meter.reset();
    const QueueUrl = `${services.gatewayUrl}/000000000000/jobs`;
    await services.call(PRODUCER, "sqs", "SendMessage", { QueueUrl, MessageBody: "x".repeat(65_537) });
    await services.call("operator", "sqs", "ReceiveMessage", { QueueUrl });
    const { body } = await control("GET", "/_local/meter");
    expect(body).toMatchObject({
      total: {
        "sqs:SendMessage": { calls: 1, billedRequests: 2, bytes: 65_537 },
        "sqs:ReceiveMessage": { calls: 1, billedRequests: 2 },
      },
      byCaller: { [PRODUCER]: { "sqs:SendMessage": { calls: 1 } }, operator: { "sqs:ReceiveMessage": { calls: 1 } } },
    });
    await control("POST", "/_local/meter/reset");
    expect(services.meter.report()).toEqual({ total: {}, byCaller: {} });
    await services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test("a counted fault strikes so often and no more; one after the effect loses only the answer", async () => {
    const sqs = new SQSClient(clientConfig(services.operatorCredentials));
    const QueueUrl = `${services.gatewayUrl}/000000000000/jobs`;
    const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    const fault = { service: "sqs", operation: "SendMessage", error: "InternalError", count: 1, when: "after" };
    await control("POST", "/_local/faults", fault);
    await expect(send()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    await send();
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages).toHaveLength(2);
    await control("DELETE", "/_local/faults");
    await services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test("a batch can fail in part", async () => {
    const sqs = new SQSClient(clientConfig(services.operatorCredentials));
    const QueueUrl = `${services.gatewayUrl}/000000000000/jobs`;
    await control("POST", "/_local/faults", { service: "sqs", error: "PartialBatchFailure", count: 1 });
    const Entries = ["a", "b", "c"].map((Id) => ({ Id, MessageBody: Id }));
    const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const ids = (list: { Id?: string | undefined }[] = []) => list.map(({ Id }) => Id);
    expect(answer.Failed?.length).toBeGreaterThan(0);
    expect([...ids(answer.Successful), ...ids(answer.Failed)].sort()).toEqual(["a", "b", "c"]);
    await services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test.each([
    [{ service: "ec2", error: "X" }, "service"],
    [{ service: "sqs", error: "Oops", probability: 2 }, "probability"],
    [{ service: "sqs", error: "Oops", chance: 1 }, "chance"],
    [{ service: "dynamodb", operation: "PutItem", error: "PartialBatchFailure" }, "PartialBatchFailure"],
  ])("a fault that could never strike as meant is refused: %j", async (fault, named) => {
    const { status, body } = await control("POST", "/_local/faults", fault);
    expect(status).toBe(400);
    expect((body as { error: string }).error).toContain(named);
  });
});

describe("SNS and S3", () => {
  const signed = (service: string, accessKeyId: string, more: Record<string, string> = {}) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260301/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    ...more,
  });

  test("an object is kept for those who may, and refused in S3's own words to those who may not", async () => {
    const url = `${services.gatewayUrl}/pictures/a/b.txt`;
    const put = (key: string) => fetch(url, { method: "PUT", body: "hello", headers: signed("s3", key) });
    const operator = services.operatorCredentials.accessKeyId;
    expect((await put(operator)).status).toBe(200);
    expect(await (await fetch(url, { headers: signed("s3", operator) })).text()).toBe("hello");
    const refused = await put(services.credentialsFor(PRODUCER).accessKeyId);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toMatch(
      /<Code>AccessDenied<\/Code>.*s3:PutObject on resource: arn:aws:s3:::pictures\/a\/b\.txt/,
    );
  });

  test("a topic of the template takes messages from those who may publish", async () => {
    const publish = (key: string) =>
      fetch(services.gatewayUrl, {
        method: "POST",
        headers: signed("sns", key, { "content-type": "application/x-www-form-urlencoded" }),
        body: "Action=Publish&Message=hello&TopicArn=arn:aws:sns:us-east-1:000000000000:news",
      });
    const published = await publish(services.operatorCredentials.accessKeyId);
    expect(await published.text()).toMatch(/<MessageId>[\w-]+<\/MessageId>/);
    const refused = await publish(services.credentialsFor(PRODUCER).accessKeyId);
    expect(await refused.text()).toContain("<Code>AuthorizationError</Code>");
  });
});

test("a service that does not run here is refused by name", async () => {
  const headers = { "x-amz-target": "AWSStepFunctions.StartExecution" };
  const response = await fetch(services.gatewayUrl, { method: "POST", headers, body: "{}" });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ message: "The local stack has no service AWSStepFunctions" });
});
