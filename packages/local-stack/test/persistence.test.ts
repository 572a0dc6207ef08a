import { join } from "node:path";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { type Services, startServices } from "../src/services.ts";
import { DATA_RESOURCES, temporaryDirectory, writeAssembly } from "./support/assembly-fixture.ts";

const cdkOutDir = writeAssembly({ Resources: DATA_RESOURCES });
const dataDir = join(temporaryDirectory(), "data");
let nowMs = Date.parse("2026-03-01T10:00:00Z");

async function withServices<T>(run: (services: Services) => Promise<T>): Promise<T> {
  const secretsFile = join(dataDir, "secrets.json");
  const services = await startServices({ cdkOutDir, dataDir, secretsFile, log: () => {}, now: () => nowMs });
  try {
    return await run(services);
  } finally {
    await services.stop();
  }
}

const jobs = { QueueUrl: "http://any/000000000000/jobs" };
const group = { QueueUrl: "http://any/000000000000/per-queue.fifo", MessageGroupId: "g" };

test("messages and items outlive a restart, deleted ones do not, and order holds", async () => {
  let handle: unknown;
  await withServices(async (services) => {
    const call = services.call.bind(services, "operator");
    await call("sqs", "SendMessage", { ...jobs, MessageBody: "done" });
    const { Messages } = (await call("sqs", "ReceiveMessage", jobs)) as { Messages: { ReceiptHandle: string }[] };
    await call("sqs", "DeleteMessage", { ...jobs, ReceiptHandle: Messages[0]?.ReceiptHandle });
    for (const MessageBody of ["1", "2", "3"]) await call("sqs", "SendMessage", { ...group, MessageBody });
    const received = (await call("sqs", "ReceiveMessage", group)) as { Messages: { ReceiptHandle: string }[] };
    handle = received.Messages[0]?.ReceiptHandle;
    const Item = { pk: { S: "kept" }, sk: { S: "1" } };
    await call("dynamodb", "PutItem", { TableName: "items", Item });
  });
  nowMs += 10_000;
  await withServices(async (services) => {
    const call = services.call.bind(services, "operator");
    expect(await call("sqs", "ReceiveMessage", jobs)).toEqual({});
    // The first is still in flight, and its group closed.
    expect(await call("sqs", "ReceiveMessage", { ...group, MaxNumberOfMessages: 10 })).toEqual({});
    await call("sqs", "ChangeMessageVisibility", { ...group, ReceiptHandle: handle, VisibilityTimeout: 15 });
    const Key = { pk: { S: "kept" }, sk: { S: "1" } };
    expect(await call("dynamodb", "GetItem", { TableName: "items", Key })).toEqual({ Item: Key });
  });
  nowMs += 14_999;
  await withServices(async (services) => {
    const call = services.call.bind(services, "operator");
    expect(await call("sqs", "ReceiveMessage", { ...group, MaxNumberOfMessages: 10 })).toEqual({});
    nowMs += 1;
    expect(await call("sqs", "ReceiveMessage", { ...group, MaxNumberOfMessages: 10 })).toMatchObject({
      Messages: [{ Body: "1" }, { Body: "2" }, { Body: "3" }],
    });
  });
});

test("a copy is still a copy after a restart, for five minutes", async () => {
  const copy = { ...group, MessageGroupId: "copies", MessageBody: "once", MessageDeduplicationId: "id" };
  const [first, second, third] = [
    await withServices((services) => services.call("operator", "sqs", "SendMessage", copy)),
    await withServices((services) => services.call("operator", "sqs", "SendMessage", copy)),
    await withServices((services) => {
      nowMs += 300_000;
      return services.call("operator", "sqs", "SendMessage", copy);
    }),
  ];
  expect([second.MessageId, second.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
  expect(third.MessageId).not.toBe(first.MessageId);
});

test("a group's share of what is in flight is known after a restart", async () => {
  const send = (services: Services, MessageBody: string) =>
    services.call("operator", "sqs", "SendMessage", { ...jobs, MessageBody, MessageGroupId: MessageBody.charAt(0) });
  await withServices(async (services) => {
    for (const body of ["a1", "a2"]) await send(services, body);
    await services.call("operator", "sqs", "ReceiveMessage", jobs);
  });
  await withServices(async (services) => {
    await send(services, "b1");
    expect(await services.call("operator", "sqs", "ReceiveMessage", jobs)).toMatchObject({
      Messages: [{ Body: "b1" }],
    });
    await services.call("operator", "sqs", "PurgeQueue", jobs);
  });
});

test("what a queue dropped as a copy just before a restart is counted after it", async () => {
  const copy = { ...group, MessageGroupId: "dropped", MessageBody: "once", MessageDeduplicationId: "dropped" };
  await withServices(async (services) => {
    for (const message of [copy, copy, copy]) await services.call("operator", "sqs", "SendMessage", message);
  });
  await withServices(async ({ gatewayUrl: endpoint, operatorCredentials: credentials }) => {
    const Metric = {
      Namespace: "AWS/SQS",
      MetricName: "NumberOfDeduplicatedSentMessages",
      Dimensions: [{ Name: "QueueName", Value: "per-queue.fifo" }],
    };
    const { MetricDataResults = [] } = await new CloudWatchClient({ endpoint, credentials, region: "us-east-1" }).send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs - 60_000),
        EndTime: new Date(nowMs + 60_000),
        MetricDataQueries: [{ Id: "dropped", MetricStat: { Metric, Period: 60, Stat: "Sum" } }],
      }),
    );
    expect(MetricDataResults[0]?.Values).toEqual([2]);
  });
});

test("metrics outlive a restart, percentiles too", async () => {
  await withServices(async ({ metrics }) => {
    for (const value of [1, 2, 3]) metrics.record("Shop", "Ms", { lane: "a" }, value, nowMs);
  });
  await withServices(async (services) => {
    services.metrics.record("Shop", "Ms", { lane: "a" }, 10, nowMs);
    const Dimensions = [{ Name: "lane", Value: "a" }];
    const query = (Id: string, Stat: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: "Shop", MetricName: "Ms", Dimensions }, Period: 60, Stat },
    });
    const credentials = services.operatorCredentials;
    const cloudWatch = new CloudWatchClient({ endpoint: services.gatewayUrl, region: "us-east-1", credentials });
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs - 60_000),
        EndTime: new Date(nowMs + 60_000),
        MetricDataQueries: [query("sum", "Sum"), query("half", "p50")],
      }),
    );
    expect(MetricDataResults).toMatchObject([{ Values: [16] }, { Values: [2] }]);
  });
});

describe("a table of an earlier run under a new template", () => {
  const Items = DATA_RESOURCES.Items as { Type: string; Properties: Record<string, unknown> };
  const indexOn = (IndexName: string, AttributeName: string, ProjectionType = "ALL") => ({
    IndexName,
    KeySchema: [{ AttributeName, KeyType: "HASH" }],
    Projection: { ProjectionType },
  });
  const tableWith = (indexes: readonly object[], keys = ["pk", "sk"]) => {
    const attributes = [...keys, ...indexes.map((index) => (index as ReturnType<typeof indexOn>).IndexName)];
    const Properties = {
      ...Items.Properties,
      KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? "HASH" : "RANGE" })),
      AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: indexes.length === 0 ? undefined : indexes,
    };
    return writeAssembly({ Resources: { Items: { ...Items, Properties } } });
  };
  const start = (assembly: string, directory: string) =>
    startServices({ cdkOutDir: assembly, dataDir: directory, secretsFile: join(directory, "s.json"), log: () => {} });
  const put = (services: Services, item: Record<string, string>) => {
    const Item = Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }]));
    return services.call("operator", "dynamodb", "PutItem", { TableName: "items", Item });
  };
  const query = async (services: Services, index: string, value: string) => {
    const { Items: found } = await services.call("operator", "dynamodb", "Query", {
      TableName: "items",
      IndexName: index,
      KeyConditionExpression: "#k = :v",
      ExpressionAttributeNames: { "#k": index },
      ExpressionAttributeValues: { ":v": { S: value } },
    });
    return (found as { sk: { S: string } }[]).map(({ sk }) => sk.S).sort();
  };

  test("new indexes hold the old items, dropped ones are gone, changed ones are built anew", async () => {
    const directory = join(temporaryDirectory(), "data");
    const first = await start(tableWith([indexOn("by-a", "by-a"), indexOn("by-b", "by-b")]), directory);
    await put(first, { pk: "1", sk: "1", "by-a": "x", "by-b": "y", "by-c": "z" });
    await put(first, { pk: "1", sk: "2", "by-c": "z" });
    await first.stop();

    const second = await start(tableWith([indexOn("by-b", "by-b", "KEYS_ONLY"), indexOn("by-c", "by-c")]), directory);
    expect(await query(second, "by-c", "z")).toEqual(["1", "2"]);
    expect(await query(second, "by-b", "y")).toEqual(["1"]);
    await expect(query(second, "by-a", "x")).rejects.toThrow(/index/);
    await put(second, { pk: "1", sk: "1", "by-a": "new" });
    await put(second, { pk: "2", sk: "3", "by-c": "z" });
    expect(await query(second, "by-c", "z")).toEqual(["2", "3"]);
    await second.stop();

    // What an index held before it was dropped must not come back with it.
    const third = await start(tableWith([indexOn("by-a", "by-a"), indexOn("by-c", "by-c")]), directory);
    expect([await query(third, "by-a", "x"), await query(third, "by-a", "new")]).toEqual([[], ["1"]]);
    await third.stop();
    const none = await start(tableWith([]), directory);
    await expect(query(none, "by-c", "z")).rejects.toThrow(/index/);
    await none.stop();
  });

  test("data that another stack holds is left alone", async () => {
    const directory = join(temporaryDirectory(), "data");
    const first = await start(tableWith([]), directory);
    await expect(start(tableWith([]), directory)).rejects.toThrow(/queues\.sqlite is in use/);
    await put(first, { pk: "1", sk: "1" });
    await first.stop();
    const second = await start(tableWith([]), directory);
    await second.stop();
  });

  test("other keys fail the start, and the items stay", async () => {
    const directory = join(temporaryDirectory(), "data");
    const first = await start(tableWith([]), directory);
    await put(first, { pk: "1", sk: "1" });
    await first.stop();
    await expect(start(tableWith([], ["id", "sk"]), directory)).rejects.toThrow(
      /Items: the kept table items has other keys/,
    );
    const again = await start(tableWith([]), directory);
    const { Count } = await again.call("operator", "dynamodb", "Scan", { TableName: "items" });
    expect(Count).toBe(1);
    await again.stop();
  });
});
