import { createRequire } from "node:module";
import type { AddressInfo, Server } from "node:net";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";

/** dynalite on a free loopback port, with the ordinary client pointed at it. */
export interface Dynalite {
  readonly client: DynamoDBClient;
  /** Endpoint for other processes. */
  readonly url: string;
  /** Creates an empty table with a name of its own and answers the name. */
  createTable(shape: Omit<CreateTableCommandInput, "TableName" | "BillingMode">): Promise<string>;
  close(): Promise<void>;
}

/** Starts one; close it in `afterAll`. With a `path` its items are in files of that folder, else in memory. */
export async function startDynalite({ path }: { path?: string } = {}): Promise<Dynalite> {
  const dynalite = createRequire(import.meta.url)("dynalite") as (options: object) => Server;
  const server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(path === undefined ? {} : { path }),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const client = createDynamoClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const tables: string[] = [];
  return {
    client,
    url,
    async createTable(shape) {
      const TableName = `table-${tables.length}`;
      await client.send(new CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", ...shape }));
      tables.push(TableName);
      return TableName;
    },
    async close() {
      for (const TableName of tables) await client.send(new DeleteTableCommand({ TableName }));
      client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The delivery table as the stack creates it. */
export const DELIVERY_TABLE: Parameters<Dynalite["createTable"]>[0] = {
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "attention", AttributeType: "S" },
    { AttributeName: "attention_at", AttributeType: "N" },
    { AttributeName: "order", AttributeType: "S" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "attention",
      KeySchema: [
        { AttributeName: "attention", KeyType: "HASH" },
        { AttributeName: "attention_at", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
    {
      IndexName: "orders",
      KeySchema: [{ AttributeName: "order", KeyType: "HASH" }],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
};

/** The identity table as the stack creates it. */
export const IDENTITY_TABLE: Parameters<Dynalite["createTable"]>[0] = {
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
};
