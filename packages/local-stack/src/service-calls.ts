import { authorize, type Need } from "./authorization.ts";
import { AwsError } from "./aws-error.ts";
import type { Caller } from "./callers.ts";
import type { CloudWatch } from "./cloudwatch.ts";
import { type Faults, faultError } from "./faults.ts";
import { type Firehose, firehoseBytes, firehoseNeeds } from "./firehose.ts";
import type { LambdaService } from "./lambda-service.ts";
import { type Logs, logNeeds } from "./logs.ts";
import type { Meter, OperationUse } from "./meter.ts";
import type { MetricStore } from "./metrics.ts";
import { metricNeeds, queueNameOf, queueNeeds, secretNeeds, tableNeeds } from "./needs.ts";
import { failInPart } from "./partial-failures.ts";
import type { QueueInput } from "./queue-inputs.ts";
import { messageBytes } from "./queue-message.ts";
import { queueUse } from "./queue-metrics.ts";
import type { Queues } from "./queues.ts";
import type { Secrets } from "./secrets.ts";
import type { Tables } from "./tables.ts";

/** Services whose calls are JSON in and JSON out. */
export type JsonService = "sqs" | "dynamodb" | "secretsmanager" | "cloudwatch" | "lambda" | "firehose" | "logs";

/** SQS bills one request per started 64 KB. */
const BILLED_CHUNK_BYTES = 65_536;

type Input = Record<string, unknown>;

/** The services behind the gateway. */
export interface Backends {
  readonly queues: Queues;
  readonly tables: Tables;
  readonly secrets: Secrets;
  readonly cloudWatch: CloudWatch;
  readonly lambda: LambdaService;
  readonly firehose: Firehose;
  readonly logs: Logs;
  readonly store: MetricStore;
  readonly meter: Meter;
  readonly faults: Faults;
}

/** Runs a call as AWS would: may the caller, does it go wrong, do it, and put it on the bill. */
export class ServiceCalls {
  readonly #backends: Backends;

  constructor(backends: Backends) {
    this.#backends = backends;
  }

  /** `input` is used up. */
  async call(
    caller: Caller,
    service: JsonService,
    operation: string,
    input: Input,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const use: Partial<OperationUse> = { calls: 1 };
    try {
      if (caller.statements !== undefined) authorize(caller, service, this.#needs(caller, service, operation, input));
      return await this.#withFaults(service, operation, input, (effective) =>
        this.#run(service, operation, effective, use, signal),
      );
    } catch (error) {
      use.errors = 1;
      if (error instanceof AwsError && typeof error.members.writeUnits === "number") {
        use.writeUnits = error.members.writeUnits;
        const { writeUnits: _cost, ...members } = error.members;
        throw new AwsError(error.code, error.message, { status: error.status, members });
      }
      throw error;
    } finally {
      this.#backends.meter.add(caller.id, `${service}:${operation}`, use);
    }
  }

  #needs(caller: Caller, service: JsonService, operation: string, input: Input): Need[] {
    const { secrets, tables, lambda } = this.#backends;
    switch (service) {
      case "sqs":
        return queueNeeds(operation, input);
      case "dynamodb":
        return tableNeeds(operation, input, (name) => tables.model(name), caller.hasConditions);
      case "secretsmanager":
        return secretNeeds(operation, input, (id) => secrets.arnOf(id));
      case "cloudwatch":
        return metricNeeds(operation, input);
      case "lambda":
        return lambda.needs(operation, input);
      case "firehose":
        return firehoseNeeds(operation, input);
      case "logs":
        return logNeeds(operation, input);
    }
  }

  async #withFaults(
    service: JsonService,
    operation: string,
    input: Input,
    run: (input: Input) => Promise<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> {
    const { faults } = this.#backends;
    const before = faults.strike(service, operation, "before");
    if (before?.error === "PartialBatchFailure") return failInPart(service, input, faults, run);
    if (before !== undefined) throw faultError(before);
    const output = await run(input);
    const after = faults.strike(service, operation, "after");
    if (after !== undefined) throw faultError(after);
    return output;
  }

  async #run(
    service: JsonService,
    operation: string,
    input: Input,
    use: Partial<OperationUse>,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, unknown>> {
    const { queues, tables, secrets, cloudWatch, lambda, firehose, logs, store } = this.#backends;
    switch (service) {
      case "sqs": {
        use.billedRequests = 1;
        const output = await queues.call(operation, input, signal);
        use.bytes = queueBytes(operation, input, output);
        use.billedRequests = Math.max(1, Math.ceil(use.bytes / BILLED_CHUNK_BYTES));
        const QueueName = queueNameOf(input);
        for (const [name, value] of queueUse(operation, input, output)) {
          store.record("AWS/SQS", name, { QueueName }, value);
        }
        return output;
      }
      case "dynamodb": {
        const answer = await tables.call(operation, input);
        use.readUnits = answer.readUnits;
        use.writeUnits = answer.writeUnits;
        return answer.output;
      }
      case "secretsmanager":
        return secrets.call(operation, input);
      case "cloudwatch":
        return cloudWatch.call(operation, input);
      case "lambda":
        return lambda.call(operation, input);
      case "firehose":
        Object.assign(use, firehoseBytes(input));
        return firehose.call(operation, input);
      case "logs":
        return logs.call(operation, input);
    }
  }
}

/** Bytes of the messages that a call carries, either way. */
function queueBytes(operation: string, input: QueueInput, output: Record<string, unknown>): number {
  if (operation === "SendMessage") return messageBytes(input.MessageBody ?? "", input.MessageAttributes ?? {});
  if (operation === "SendMessageBatch") {
    const sizes = (input.Entries ?? []).map((entry) =>
      messageBytes(entry.MessageBody ?? "", entry.MessageAttributes ?? {}),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }
  if (operation !== "ReceiveMessage" || !Array.isArray(output.Messages)) return 0;
  const messages = output.Messages as { Body: string; MessageAttributes?: QueueInput["MessageAttributes"] }[];
  return messages.reduce((sum, message) => sum + messageBytes(message.Body, message.MessageAttributes ?? {}), 0);
}
