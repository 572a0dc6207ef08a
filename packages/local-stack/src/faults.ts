import { AwsError } from "./aws-error.ts";
import { isObject, type JsonObject } from "./property-reader.ts";

/** A disturbance that a test asks for. */
export interface Fault {
  readonly service: string;
  /** `*` for every operation of the service. */
  readonly operation: string;
  /** The exception's name; `PartialBatchFailure` fails entries of an SQS or Firehose batch instead of the call. */
  readonly error: string;
  readonly status: number;
  /** `after`: the service did it, and only the answer is lost. */
  readonly when: "before" | "after";
  readonly probability: number;
  /** Calls it still hits; infinite when not given. */
  remaining: number;
}

const SERVICES = ["sqs", "dynamodb", "secretsmanager", "cloudwatch", "lambda", "firehose", "logs", "sns", "s3"];
const KNOWN_MEMBERS = ["service", "operation", "error", "status", "when", "probability", "count"];
const SERVER_ERROR = /^(Internal|ServiceUnavailable)/;

/** Reads a fault of `POST /_local/faults`; throws with what is wrong about it. */
export function parseFault(value: unknown): Fault {
  if (!isObject(value)) throw new Error("a fault is a JSON object");
  const stranger = Object.keys(value).find((key) => !KNOWN_MEMBERS.includes(key));
  if (stranger !== undefined) throw new Error(`a fault has no member ${stranger}`);
  const { service, operation = "*", error, when = "before", count } = value;
  if (typeof service !== "string" || !SERVICES.includes(service)) {
    throw new Error(`service must be one of ${SERVICES.join(", ")}`);
  }
  if (typeof operation !== "string" || !/^(\*|[A-Z]\w+)$/.test(operation))
    throw new Error("operation must be a name or *");
  if (typeof error !== "string" || !/^[A-Z][\w.]+$/.test(error)) throw new Error("error must be an exception's name");
  if (when !== "before" && when !== "after") throw new Error("when must be before or after");
  if (count !== undefined && !(Number.isInteger(count) && Number(count) > 0))
    throw new Error("count must be 1 or more");
  const hasBatches = service === "sqs" || service === "firehose";
  if (error === "PartialBatchFailure" && !(hasBatches && /^(\*|\w+Batch)$/.test(operation))) {
    throw new Error("PartialBatchFailure is for batch operations of sqs and firehose");
  }
  return {
    service,
    operation,
    error,
    when,
    status: statusOf(value, error),
    probability: probabilityOf(value),
    remaining: count === undefined ? Number.POSITIVE_INFINITY : Number(count),
  };
}

function statusOf({ status }: JsonObject, error: string): number {
  if (status === undefined) return SERVER_ERROR.test(error) ? 500 : 400;
  if (Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599) return Number(status);
  throw new Error("status must be 400 to 599");
}

function probabilityOf({ probability }: JsonObject): number {
  if (probability === undefined) return 1;
  if (typeof probability === "number" && probability > 0 && probability <= 1) return probability;
  throw new Error("probability must be above 0 and at most 1");
}

/** The faults in force. */
export class Faults {
  #faults: Fault[] = [];
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  add(fault: Fault): void {
    this.#faults.push(fault);
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault that strikes this call at this moment, if any; a counted one is used up by it. */
  strike(service: string, operation: string, when: Fault["when"]): Fault | undefined {
    if (this.#faults.length === 0) return undefined;
    const isBatch = operation.endsWith("Batch");
    const struck = this.#faults.find(
      (fault) =>
        fault.service === service &&
        (fault.operation === "*" || fault.operation === operation) &&
        fault.when === when &&
        (isBatch || fault.error !== "PartialBatchFailure") &&
        fault.remaining > 0 &&
        this.#random() < fault.probability,
    );
    if (struck !== undefined) struck.remaining -= 1;
    return struck;
  }

  /** Places of a batch that are to fail: one at least, and not all of more than one. */
  pickFailing(size: number): ReadonlySet<number> {
    const count = Math.min(size, 1 + Math.floor(this.#random() * Math.max(1, size - 1)));
    const places = Array.from({ length: size }, (_value, at) => at);
    const picked = Array.from({ length: count }, () => places.splice(Math.floor(this.#random() * places.length), 1)[0]);
    return new Set(picked.filter((at) => at !== undefined));
  }
}

/** What the caller of a struck call gets. */
export function faultError(fault: Fault): AwsError {
  const message = fault.error.includes("Throttl") ? "Rate exceeded" : `${fault.error} (asked for by a test)`;
  return new AwsError(fault.error, message, { status: fault.status, queryCode: fault.error });
}
