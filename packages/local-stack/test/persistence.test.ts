import { join } from "node:path";
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
  await withServices(async (services) => {
    const call = services.call.bind(services, "operator");
    await call("sqs", "SendMessage", { ...jobs, MessageBody: "done" });
    const { Messages } = (await call("sqs", "ReceiveMessage", jobs)) as { Messages: { ReceiptHandle: string }[] };
    await call("sqs", "DeleteMessage", { ...jobs, ReceiptHandle: Messages[0]?.ReceiptHandle });
    for (const MessageBody of ["1", "2", "3"]) await call("sqs", "SendMessage", { ...group, MessageBody });
    await call("sqs", "ReceiveMessage", group);
    const Item = { pk: { S: "kept" }, sk: { S: "1" } };
    await call("dynamodb", "PutItem", { TableName: "items", Item });
  });
  nowMs += 1000;
  await withServices(async (services) => {
    const call = services.call.bind(services, "operator");
    expect(await call("sqs", "ReceiveMessage", jobs)).toEqual({});
    expect(await call("sqs", "ReceiveMessage", { ...group, MaxNumberOfMessages: 10 })).toMatchObject({
      Messages: [{ Body: "1" }, { Body: "2" }, { Body: "3" }],
    });
    const Key = { pk: { S: "kept" }, sk: { S: "1" } };
    expect(await call("dynamodb", "GetItem", { TableName: "items", Key })).toEqual({ Item: Key });
  });
});
