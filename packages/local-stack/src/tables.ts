import { AwsError } from "./aws-error.ts";
import { DynaliteEngine } from "./dynalite-engine.ts";
import { updateKeptTable } from "./kept-table.ts";
import type { TableModel } from "./model.ts";

/** Operations on items and their tables; tables themselves come from the template. */
const OPERATIONS = new Set([
  "BatchGetItem",
  "BatchWriteItem",
  "DeleteItem",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
]);

const READS = new Set(["BatchGetItem", "GetItem", "Query", "Scan"]);

/** An answer of DynamoDB, and what it cost. */
export interface TableAnswer {
  readonly output: Record<string, unknown>;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** The tables of a stack behind the operations of DynamoDB. */
export class Tables {
  readonly #engine: DynaliteEngine;
  readonly #models: ReadonlyMap<string, TableModel>;

  private constructor(engine: DynaliteEngine, models: ReadonlyMap<string, TableModel>) {
    this.#engine = engine;
    this.#models = models;
  }

  /** Creates what is missing; `path` keeps items over a restart. */
  static async open(models: readonly TableModel[], path?: string): Promise<Tables> {
    const engine = new DynaliteEngine(path);
    try {
      for (const model of models) await createTable(engine, model);
    } catch (error) {
      // Left open, the files would stay locked for whoever starts next.
      await engine.close();
      throw error;
    }
    return new Tables(engine, new Map(models.map((model) => [model.name, model])));
  }

  model(tableName: string): TableModel | undefined {
    return this.#models.get(tableName);
  }

  async call(operation: string, input: Record<string, unknown>): Promise<TableAnswer> {
    if (operation === "DescribeTimeToLive") return free(this.#describeTimeToLive(String(input.TableName)));
    if (!OPERATIONS.has(operation)) {
      throw new AwsError("UnknownOperationException", `dynamodb:${operation} does not run in the local stack`);
    }
    const asked = input.ReturnConsumedCapacity;
    const isMetered = operation !== "DescribeTable" && operation !== "ListTables";
    if (isMetered && asked !== "INDEXES") input.ReturnConsumedCapacity = "TOTAL";
    const table = this.#models.get(String(input.TableName));
    const output = await this.#engine.run(operation, input, table);
    const units = capacityOf(output.ConsumedCapacity);
    if (asked !== "TOTAL" && asked !== "INDEXES") delete output.ConsumedCapacity;
    return { output, readUnits: READS.has(operation) ? units : 0, writeUnits: READS.has(operation) ? 0 : units };
  }

  /**
   * Deletes expired items of up to `limit` scanned ones per table, as lazily as AWS does: a reader must expect expired
   * items. Returns how many it deleted.
   */
  async sweep(nowMs: number, limit = 1000): Promise<number> {
    let deleted = 0;
    for (const { name, ttlAttribute, keySchema } of this.#models.values()) {
      if (ttlAttribute === undefined) continue;
      const found = await this.#engine.run("Scan", {
        TableName: name,
        Limit: limit,
        FilterExpression: "#ttl < :now",
        ExpressionAttributeNames: { "#ttl": ttlAttribute },
        ExpressionAttributeValues: { ":now": { N: String(Math.floor(nowMs / 1000)) } },
        ...this.#sweptUpTo.get(name),
      });
      const next = found.LastEvaluatedKey;
      this.#sweptUpTo.set(name, next === undefined ? {} : { ExclusiveStartKey: next });
      for (const item of found.Items as Record<string, unknown>[]) {
        const Key = Object.fromEntries(keySchema.map((key) => [key.AttributeName, item[key.AttributeName]]));
        await this.#engine.run("DeleteItem", { TableName: name, Key });
        deleted += 1;
      }
    }
    return deleted;
  }
  readonly #sweptUpTo = new Map<string, object>();

  close(): Promise<void> {
    return this.#engine.close();
  }

  #describeTimeToLive(tableName: string): Record<string, unknown> {
    const table = this.#models.get(tableName);
    if (table === undefined) {
      throw new AwsError("ResourceNotFoundException", `Requested resource not found: Table: ${tableName} not found`);
    }
    const { ttlAttribute } = table;
    return {
      TimeToLiveDescription:
        ttlAttribute === undefined
          ? { TimeToLiveStatus: "DISABLED" }
          : { TimeToLiveStatus: "ENABLED", AttributeName: ttlAttribute },
    };
  }
}

async function createTable(engine: DynaliteEngine, model: TableModel): Promise<void> {
  const indexes = model.globalSecondaryIndexes;
  try {
    await engine.run("CreateTable", {
      TableName: model.name,
      KeySchema: structuredClone(model.keySchema),
      AttributeDefinitions: structuredClone(model.attributeDefinitions),
      BillingMode: "PAY_PER_REQUEST",
      ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: structuredClone(indexes) }),
    });
  } catch (error) {
    if (!(error instanceof AwsError && error.code === "ResourceInUseException")) throw error;
    await updateKeptTable(engine, model);
  }
  for (;;) {
    const { Table } = await engine.run("DescribeTable", { TableName: model.name });
    if ((Table as { TableStatus: string }).TableStatus === "ACTIVE") return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function free(output: Record<string, unknown>): TableAnswer {
  return { output, readUnits: 0, writeUnits: 0 };
}

function capacityOf(consumed: unknown): number {
  const parts = (Array.isArray(consumed) ? consumed : [consumed ?? {}]) as { CapacityUnits?: number }[];
  return parts.reduce((sum, part) => sum + (part.CapacityUnits ?? 0), 0);
}
