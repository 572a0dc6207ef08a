import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { AWS_REQUEST_HANDLER } from "../../src/adapters/aws-timeouts.ts";
import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";

let server: Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test("a server that takes the request and never answers is given up and dialled again", async () => {
  const client = createDynamoClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 2,
    requestHandler: { ...AWS_REQUEST_HANDLER, requestTimeout: 20 },
  });
  const call = client.send(new GetItemCommand({ TableName: "t", Key: { pk: { S: "k" } } }));
  await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
  expect(sockets).toHaveLength(2);
  client.destroy();
});

test("every AWS client of the λs is made with these timeouts", () => {
  const folder = new URL("../../src/adapters/", import.meta.url);
  const made = readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => {
      const source = readFileSync(new URL(name, folder), "utf8");
      return [...source.matchAll(/new \w+Client\(([\s\S]*?)\);/g)].map(([, options = ""]) => ({ name, options }));
    });
  expect(made.length).toBeGreaterThanOrEqual(5);
  expect(made.filter(({ options }) => !/AWS_REQUEST_HANDLER|throwOnRequestTimeout: true/.test(options))).toEqual([]);
});
