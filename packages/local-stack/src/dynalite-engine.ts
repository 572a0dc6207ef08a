import { createRequire } from "node:module";
import { AwsError } from "./aws-error.ts";
import type { TableModel } from "./model.ts";

type Item = Readonly<Record<string, unknown>>;
type Callback = (error: unknown, output?: Record<string, unknown>) => void;

/** A table as dynalite keeps it. */
export interface TableDefinition {
  readonly TableName: string;
  readonly KeySchema: TableModel["keySchema"];
  readonly AttributeDefinitions: TableModel["attributeDefinitions"];
  readonly GlobalSecondaryIndexes?: readonly (TableModel["globalSecondaryIndexes"][number] & {
    readonly IndexStatus: string;
  })[];
}

interface Store {
  readonly tableDb: {
    awsAccountId: string;
    awsRegion: string;
    put(name: string, table: object, callback: (error: unknown) => void): void;
  };
  getTable(name: string, mustBeActive: boolean, callback: (error: unknown, table: TableDefinition) => void): void;
  deleteIndexDb(kind: "Global", tableName: string, indexName: string, callback: (error: unknown) => void): void;
  readonly db: { close(callback: (error: unknown) => void): void };
}

/** The parts of dynalite behind its HTTP server: called directly, an operation costs no second hop and no second parse. */
interface DynaliteDatabase {
  create(options: { path?: string; createTableMs: number }): Store;
  checkConditional(data: object, item: Item | undefined): unknown;
  addConsumedCapacity(
    data: object,
    isRead: boolean,
    newItem?: Item,
    oldItem?: Item,
  ): { CapacityUnits: number } | undefined;
  capacityUnits(item: Item | undefined, isRead: boolean, isConsistent: boolean): number;
}

interface DynaliteValidations {
  checkTypes(data: object, types: object): Record<string, unknown>;
  checkValidations(data: object, types: object, custom: unknown, store: Store): void;
}

const require = createRequire(import.meta.url);
const database = require("dynalite/db") as DynaliteDatabase;
const validations = require("dynalite/validations") as DynaliteValidations;

/** What rides on a request through dynalite, beside its members. */
const EXTRAS = Symbol("request extras");
interface Extras {
  readonly returnOldOnFailure: boolean;
  readonly table: TableModel | undefined;
}

function extrasOf(data: object): Extras | undefined {
  return (data as { [EXTRAS]?: Extras })[EXTRAS];
}

/**
 * dynalite knows no `ReturnValuesOnConditionCheckFailure`. Its condition check runs under the item's lock, so adding the
 * item to the refusal right there is as atomic as the real thing.
 */
const checkConditional = database.checkConditional;
database.checkConditional = (data, item) => {
  const refusal = checkConditional(data, item);
  if (isDynaliteError(refusal)) {
    refusal.writeUnits = database.capacityUnits(item, false, true);
    if (item !== undefined && extrasOf(data)?.returnOldOnFailure === true) refusal.body.Item = item;
  }
  return refusal;
};

/** dynalite charges writes for the table only; each index that a write touches costs at least as much again. */
const addConsumedCapacity = database.addConsumedCapacity;
database.addConsumedCapacity = (data, isRead, newItem, oldItem) => {
  const consumed = addConsumedCapacity(data, isRead, newItem, oldItem);
  const table = extrasOf(data)?.table;
  if (consumed === undefined || isRead || table === undefined) return consumed;
  // Callers pass the two items in either order; what an index costs is the same both ways.
  for (const index of table.globalSecondaryIndexes)
    consumed.CapacityUnits += indexUnits(index.KeySchema, newItem, oldItem);
  return consumed;
};

function indexUnits(keys: TableModel["keySchema"], left: Item | undefined, right: Item | undefined): number {
  const keyOf = (item: Item | undefined) => {
    const parts = keys.map((key) => item?.[key.AttributeName]);
    return parts.includes(undefined) ? undefined : JSON.stringify(parts);
  };
  const units = (item: Item | undefined) => database.capacityUnits(item, false, true);
  const [leftKey, rightKey] = [keyOf(left), keyOf(right)];
  if (leftKey === rightKey) {
    if (leftKey === undefined || JSON.stringify(left) === JSON.stringify(right)) return 0;
    return Math.max(units(left), units(right));
  }
  return (leftKey === undefined ? 0 : units(left)) + (rightKey === undefined ? 0 : units(right));
}

interface DynaliteError {
  readonly statusCode: number;
  readonly body: Record<string, unknown>;
  writeUnits?: number;
}

function isDynaliteError(error: unknown): error is DynaliteError {
  return typeof error === "object" && error !== null && "statusCode" in error && "body" in error;
}

/** Runs DynamoDB operations in this process. */
export class DynaliteEngine {
  readonly #store: Store;

  /** In memory without a path. */
  constructor(path: string | undefined) {
    this.#store = database.create({ ...(path === undefined ? {} : { path }), createTableMs: 0 });
    this.#store.tableDb.awsAccountId = "000000000000";
    this.#store.tableDb.awsRegion = "us-east-1";
  }

  /** `input` is used up. Throws AwsError; of a failed condition its `members.writeUnits` says what it cost. */
  async run(operation: string, input: Record<string, unknown>, table?: TableModel): Promise<Record<string, unknown>> {
    const name = operation.charAt(0).toLowerCase() + operation.slice(1);
    const { types, custom } = require(`dynalite/validations/${name}`) as { types: object; custom: unknown };
    const action = require(`dynalite/actions/${name}`) as (store: Store, data: object, callback: Callback) => void;
    const extras: Extras = { returnOldOnFailure: input.ReturnValuesOnConditionCheckFailure === "ALL_OLD", table };
    try {
      const data: object = validations.checkTypes(input, types);
      validations.checkValidations(data, types, custom, this.#store);
      Object.assign(data, { [EXTRAS]: extras });
      return await new Promise((resolve, reject) => {
        action(this.#store, data, (error, output) => (error ? reject(error) : resolve(output ?? {})));
      });
    } catch (error) {
      throw isDynaliteError(error) ? awsErrorOf(error) : error;
    }
  }

  definition(tableName: string): Promise<TableDefinition> {
    return settled((done) => this.#store.getTable(tableName, false, done));
  }

  /** Gives a table its model's indexes; those that are being built say so until they are. dynalite's UpdateTable cannot. */
  async define(model: TableModel, building: ReadonlySet<string>): Promise<void> {
    const { GlobalSecondaryIndexes: _old, ...table } = await this.definition(model.name);
    const indexes = model.globalSecondaryIndexes.map((index) => ({
      ...index,
      IndexArn: `${model.arn}/index/${index.IndexName}`,
      IndexSizeBytes: 0,
      ItemCount: 0,
      IndexStatus: building.has(index.IndexName) ? "CREATING" : "ACTIVE",
      ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 },
    }));
    const changed = {
      ...table,
      AttributeDefinitions: model.attributeDefinitions,
      ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
    };
    await settled((done) => this.#store.tableDb.put(model.name, changed, (error) => done(error, undefined)));
  }

  /** Forgets what an index holds. */
  async dropIndex(tableName: string, indexName: string): Promise<void> {
    await settled((done) =>
      this.#store.deleteIndexDb("Global", tableName, indexName, (error) => done(error, undefined)),
    );
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => this.#store.db.close((error) => (error ? reject(error) : resolve())));
  }
}

function settled<T>(start: (done: (error: unknown, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
}

function awsErrorOf({ body, statusCode, writeUnits }: DynaliteError): AwsError {
  const { __type, message, Message, ...members } = body;
  const code = String(__type).split("#").pop() ?? "InternalServerError";
  return new AwsError(code, String(message ?? Message ?? ""), {
    status: statusCode,
    members: writeUnits === undefined ? members : { ...members, writeUnits },
  });
}
