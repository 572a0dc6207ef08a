import { createRequire } from "node:module";
import type { AddressInfo, Server } from "node:net";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { createDynamoClient } from "../src/adapters/dynamo-client.ts";

/** An item as DynamoDB has it. */
export type TableItem = NonNullable<UpdateItemCommandInput["Key"]>;

const require = createRequire(import.meta.url);

/** What is used of the emulator's inner side. */
interface Engine {
  create(options: { path: string }): Store;
  createKey(item: TableItem, table: unknown): string;
}
interface Store {
  readonly db: { close(): Promise<void> };
  getTable(name: string, callback: (error: unknown, table: unknown) => void): void;
  getItemDb(name: string): {
    batch(puts: readonly object[], callback: (error: unknown) => void): void;
  };
}

/**
 * Makes a table of the emulator in files of this folder and puts items into it, past its HTTP interface: through it a
 * million would take an hour. Afterwards the emulator reads and writes it as any other.
 */
export async function fillTable(
  path: string,
  shape: Omit<CreateTableCommandInput, "TableName" | "BillingMode">,
  batches: AsyncIterable<readonly TableItem[]>,
): Promise<string> {
  const name = "filled";
  await withServer(path, async (client) => {
    await client.send(new CreateTableCommand({ TableName: name, BillingMode: "PAY_PER_REQUEST", ...shape }));
    for (;;) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
      if (Table?.TableStatus === "ACTIVE") return;
    }
  });
  const engine = require("dynalite/db/index.js") as Engine;
  const store = engine.create({ path });
  const table = await new Promise((resolve, reject) =>
    store.getTable(name, (error, found) => (error ? reject(error) : resolve(found))),
  );
  const items = store.getItemDb(name);
  for await (const batch of batches) {
    const puts = batch.map((value) => ({ type: "put", key: engine.createKey(value, table), value }));
    await new Promise<void>((resolve, reject) => items.batch(puts, (error) => (error ? reject(error) : resolve())));
  }
  await store.db.close();
  return name;
}

async function withServer(
  path: string,
  work: (client: ReturnType<typeof createDynamoClient>) => Promise<void>,
): Promise<void> {
  const dynalite = require("dynalite") as (options: object) => Server;
  const server = dynalite({ path, createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = createDynamoClient({ endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials });
  try {
    await work(client);
  } finally {
    client.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
