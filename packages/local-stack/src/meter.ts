/** Use of one operation of one service. */
export interface OperationUse {
  calls: number;
  errors: number;
  /** DynamoDB read request units. */
  readUnits: number;
  /** DynamoDB write request units. */
  writeUnits: number;
  /** SQS requests as billed: one per started 64 KB. */
  billedRequests: number;
  /** Payload bytes of messages, objects and records. */
  bytes: number;
  /** Firehose bytes as billed: each record by the started 5 KB. */
  billedBytes: number;
}

/** Use since the start or the last reset: `sqs:SendMessage` → figures. */
export interface MeterReport {
  readonly total: Readonly<Record<string, OperationUse>>;
  /** By function ARN, or `operator`. */
  readonly byCaller: Readonly<Record<string, Readonly<Record<string, OperationUse>>>>;
}

/** Counts what an AWS bill counts, per caller and in all. */
export class Meter {
  #total = new Map<string, OperationUse>();
  #byCaller = new Map<string, Map<string, OperationUse>>();

  add(caller: string, operation: string, use: Partial<OperationUse>): void {
    let mine = this.#byCaller.get(caller);
    if (mine === undefined) {
      mine = new Map();
      this.#byCaller.set(caller, mine);
    }
    addUse(this.#total, operation, use);
    addUse(mine, operation, use);
  }

  report(): MeterReport {
    return {
      total: Object.fromEntries(this.#total),
      byCaller: Object.fromEntries([...this.#byCaller].map(([caller, uses]) => [caller, Object.fromEntries(uses)])),
    };
  }

  reset(): void {
    this.#total = new Map();
    this.#byCaller = new Map();
  }
}

function addUse(uses: Map<string, OperationUse>, operation: string, use: Partial<OperationUse>): void {
  let sum = uses.get(operation);
  if (sum === undefined) {
    sum = { calls: 0, errors: 0, readUnits: 0, writeUnits: 0, billedRequests: 0, bytes: 0, billedBytes: 0 };
    uses.set(operation, sum);
  }
  sum.calls += use.calls ?? 0;
  sum.errors += use.errors ?? 0;
  sum.readUnits += use.readUnits ?? 0;
  sum.writeUnits += use.writeUnits ?? 0;
  sum.billedRequests += use.billedRequests ?? 0;
  sum.bytes += use.bytes ?? 0;
  sum.billedBytes += use.billedBytes ?? 0;
}
