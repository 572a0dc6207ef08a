import { readFileSync } from "node:fs";
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
import { DATA_RESOURCES, functionResources } from "./support/assembly-fixture.ts";
import { ServicesWorld } from "./support/services-world.ts";

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
  },
};

const world = new ServicesWorld(template);

describe("who may do what", () => {
  test("a client that writes into its credentials changes nobody else's", async () => {
    const sqs = new SQSClient(world.clientConfig(world.services.operatorCredentials));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: `${world.services.gatewayUrl}/000000000000/jobs` }));
    expect(Object.keys(world.services.operatorCredentials)).toEqual(["accessKeyId", "secretAccessKey"]);
  });

  test("a role's grant goes through, and the gateway says what it lacks", async () => {
    const sqs = new SQSClient(world.clientConfig(world.services.credentialsFor(PRODUCER)));
    const QueueUrl = `${world.services.gatewayUrl}/000000000000/jobs`;
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
    await world.services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test("leading keys are held against the partition key of items and queries", async () => {
    const dynamo = new DynamoDBClient(world.clientConfig(world.services.credentialsFor(PRODUCER)));
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
    const dynamo = new DynamoDBClient(world.clientConfig(stranger));
    await expect(
      dynamo.send(new GetItemCommand({ TableName: "items", Key: { pk: { S: "a" }, sk: { S: "b" } } })),
    ).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });

  test("a call without HTTP is held to the same role", async () => {
    const QueueUrl = `${world.services.gatewayUrl}/000000000000/jobs`;
    await expect(world.services.call(PRODUCER, "sqs", "ReceiveMessage", { QueueUrl })).rejects.toMatchObject({
      code: "AccessDenied",
    });
  });
});

describe("DynamoDB", () => {
  const dynamoOf = () => new DynamoDBClient(world.clientConfig(world.services.operatorCredentials));

  test("a failed condition gives the item that stood in the way, and still costs a write", async () => {
    const dynamo = dynamoOf();
    const Item = { pk: { S: "claim" }, sk: { S: "1" }, owner: { S: "first" } };
    await dynamo.send(new PutItemCommand({ TableName: "items", Item }));
    world.services.meter.reset();
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
    expect(world.services.meter.report().total["dynamodb:UpdateItem"]).toMatchObject({
      calls: 2,
      errors: 2,
      writeUnits: 2,
    });
  });

  test("a write that an index takes part in costs the index too, and capacity is told only when asked for", async () => {
    const dynamo = dynamoOf();
    const put = async (attention: string | undefined, ask: boolean) => {
      world.services.meter.reset();
      const Item = {
        pk: { S: "gsi" },
        sk: { S: "1" },
        ...(attention === undefined ? {} : { attention: { S: attention } }),
      };
      const answer = await dynamo.send(
        new PutItemCommand({ TableName: "items", Item, ...(ask ? { ReturnConsumedCapacity: "TOTAL" } : {}) }),
      );
      return [
        world.services.meter.report().total["dynamodb:PutItem"]?.writeUnits,
        answer.ConsumedCapacity?.CapacityUnits,
      ];
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
    new SecretsManagerClient(world.clientConfig(world.services.operatorCredentials)).send(
      new GetSecretValueCommand({ SecretId }),
    );

  test("a generated secret is in the file, and the file is what counts", async () => {
    const inFile = JSON.parse(readFileSync(world.secretsFile, "utf8"));
    expect(inFile["shop/key"]).toHaveLength(32);
    const arn = world.services.model.secrets.find(({ name }) => name === "shop/key")?.arn ?? "";
    expect((await get(arn)).SecretString).toBe(inFile["shop/key"]);
  });

  test("a secret that nobody filled in has no value", async () => {
    await expect(get("shop/empty")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("the meter and the faults", () => {
  test("SQS bills by 64 KB, per function and in all", async () => {
    world.services.meter.reset();
    const QueueUrl = `${world.services.gatewayUrl}/000000000000/jobs`;
    await world.services.call(PRODUCER, "sqs", "SendMessage", { QueueUrl, MessageBody: "x".repeat(65_537) });
    await world.services.call("operator", "sqs", "ReceiveMessage", { QueueUrl });
    const { body } = await world.control("GET", "/_local/meter");
    expect(body).toMatchObject({
      total: {
        "sqs:SendMessage": { calls: 1, billedRequests: 2, bytes: 65_537 },
        "sqs:ReceiveMessage": { calls: 1, billedRequests: 2 },
      },
      byCaller: { [PRODUCER]: { "sqs:SendMessage": { calls: 1 } }, operator: { "sqs:ReceiveMessage": { calls: 1 } } },
    });
    await world.control("POST", "/_local/meter/reset");
    expect(world.services.meter.report()).toEqual({ total: {}, byCaller: {} });
    await world.services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test("a counted fault strikes so often and no more; one after the effect loses only the answer", async () => {
    const sqs = new SQSClient(world.clientConfig(world.services.operatorCredentials));
    const QueueUrl = `${world.services.gatewayUrl}/000000000000/jobs`;
    const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    const fault = { service: "sqs", operation: "SendMessage", error: "InternalError", count: 1, when: "after" };
    await world.control("POST", "/_local/faults", fault);
    await expect(send()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    await send();
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages).toHaveLength(2);
    await world.control("DELETE", "/_local/faults");
    await world.services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test("a batch can fail in part", async () => {
    const sqs = new SQSClient(world.clientConfig(world.services.operatorCredentials));
    const QueueUrl = `${world.services.gatewayUrl}/000000000000/jobs`;
    await world.control("POST", "/_local/faults", { service: "sqs", error: "PartialBatchFailure", count: 1 });
    const Entries = ["a", "b", "c"].map((Id) => ({ Id, MessageBody: Id }));
    const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const ids = (list: { Id?: string | undefined }[] = []) => list.map(({ Id }) => Id);
    expect(answer.Failed?.length).toBeGreaterThan(0);
    expect([...ids(answer.Successful), ...ids(answer.Failed)].sort()).toEqual(["a", "b", "c"]);
    await world.services.call("operator", "sqs", "PurgeQueue", { QueueUrl });
  });

  test.each([
    [{ service: "ec2", error: "X" }, "service"],
    [{ service: "sqs", error: "Oops", probability: 2 }, "probability"],
    [{ service: "sqs", error: "Oops", chance: 1 }, "chance"],
    [{ service: "dynamodb", operation: "PutItem", error: "PartialBatchFailure" }, "PartialBatchFailure"],
  ])("a fault that could never strike as meant is refused: %j", async (fault, named) => {
    const { status, body } = await world.control("POST", "/_local/faults", fault);
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
    const url = `${world.services.gatewayUrl}/pictures/a/b.txt`;
    const put = (key: string) => fetch(url, { method: "PUT", body: "hello", headers: signed("s3", key) });
    const operator = world.services.operatorCredentials.accessKeyId;
    expect((await put(operator)).status).toBe(200);
    expect(await (await fetch(url, { headers: signed("s3", operator) })).text()).toBe("hello");
    const refused = await put(world.services.credentialsFor(PRODUCER).accessKeyId);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toMatch(
      /<Code>AccessDenied<\/Code>.*s3:PutObject on resource: arn:aws:s3:::pictures\/a\/b\.txt/,
    );
  });

  test("a topic of the template takes messages from those who may publish", async () => {
    const publish = (key: string) =>
      fetch(world.services.gatewayUrl, {
        method: "POST",
        headers: signed("sns", key, { "content-type": "application/x-www-form-urlencoded" }),
        body: "Action=Publish&Message=hello&TopicArn=arn:aws:sns:us-east-1:000000000000:news",
      });
    const published = await publish(world.services.operatorCredentials.accessKeyId);
    expect(await published.text()).toMatch(/<MessageId>[\w-]+<\/MessageId>/);
    const refused = await publish(world.services.credentialsFor(PRODUCER).accessKeyId);
    expect(await refused.text()).toContain("<Code>AuthorizationError</Code>");
  });
});

test("a service that does not run here is refused by name", async () => {
  const headers = { "x-amz-target": "AWSStepFunctions.StartExecution" };
  const response = await fetch(world.services.gatewayUrl, { method: "POST", headers, body: "{}" });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ message: "The local stack has no service AWSStepFunctions" });
});
