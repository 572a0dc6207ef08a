import type { Need } from "./authorization.ts";
import { AwsError } from "./aws-error.ts";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import { MAX_REQUEST_BYTES } from "./lambda-pool.ts";
import type { MappingSwitches } from "./mapping-switches.ts";
import type { FunctionModel, InvokeResult, Invoker } from "./model.ts";
import { PropertyReader } from "./property-reader.ts";
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from "./resource-identity.ts";
import { functionArnOf } from "./template-functions.ts";

/** Lambda's ceiling for an asynchronous request, in bytes. */
const MAX_EVENT_BYTES = 1_048_576;
const MAX_PAGE = 10_000;
const ARN_PREFIX = `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}`;

/** What runs a stack's functions; there once the stack is up, which is after its services are. */
export interface FunctionRuntime {
  readonly invoker: Invoker;
  readonly mappings: readonly EventSourceMapping[];
}

/** What the operations stand on. */
export interface LambdaServiceOptions {
  readonly functions: readonly FunctionModel[];
  readonly switches: MappingSwitches;
  readonly now: () => number;
  /** Told when an asynchronous invocation fails: nobody else would hear of it. */
  readonly onProblem: (line: string) => void;
}

type Input = Readonly<Record<string, unknown>>;

/**
 * Lambda's operations on functions and event source mappings. Members are those of the API; `Invoke` takes `Payload` as
 * JSON text and gives it as such.
 */
export class LambdaService {
  readonly #options: LambdaServiceOptions;
  readonly #changedAtMs = new Map<string, number>();
  readonly #startedAtMs: number;
  #runtime: FunctionRuntime | undefined;

  constructor(options: LambdaServiceOptions) {
    this.#options = options;
    this.#startedAtMs = options.now();
  }

  /** Until then every operation answers that the service is not available. */
  attach(runtime: FunctionRuntime): void {
    this.#runtime = runtime;
  }

  /** What an operation must be allowed. */
  needs(operation: string, input: Input): Need[] {
    const action = `lambda:${operation}`;
    if (operation === "ListEventSourceMappings") return [{ action, resource: "*" }];
    if (operation === "Invoke") {
      return [{ action: "lambda:InvokeFunction", resource: functionArnOf(String(input.FunctionName)) }];
    }
    if (input.UUID === undefined) return [{ action, resource: "*" }];
    const functionArn = this.#runtime?.mappings.find(({ model }) => model.uuid === input.UUID)?.model.functionArn;
    return [
      {
        action,
        resource: `${ARN_PREFIX}:event-source-mapping:${String(input.UUID)}`,
        context: functionArn === undefined ? {} : { "lambda:FunctionArn": [functionArn] },
      },
    ];
  }

  async call(operation: string, input: Input): Promise<Record<string, unknown>> {
    const runtime = this.#runtime;
    if (runtime === undefined) {
      throw new AwsError("ServiceException", "The functions of the local stack are not up", { status: 500 });
    }
    switch (operation) {
      case "ListEventSourceMappings":
        return this.#list(runtime, input);
      case "GetEventSourceMapping":
        return this.#describe(mappingOf(runtime, input));
      case "UpdateEventSourceMapping":
        return this.#update(mappingOf(runtime, input), input);
      case "Invoke":
        return this.#invoke(runtime, input);
      default:
        throw new AwsError("UnknownOperationException", `lambda:${operation} does not run in the local stack`, {
          status: 404,
        });
    }
  }

  #list({ mappings }: FunctionRuntime, input: Input): Record<string, unknown> {
    const reader = new PropertyReader("ListEventSourceMappings", input);
    const [functionName, queueArn] = [reader.optionalText("FunctionName"), reader.optionalText("EventSourceArn")];
    const functionArn = functionName === undefined ? undefined : this.#functionArn(functionName);
    const found = mappings
      .filter(({ model }) => functionArn === undefined || model.functionArn === functionArn)
      .filter(({ model }) => queueArn === undefined || model.queueArn === queueArn);
    const from = Number(reader.optionalText("Marker") ?? 0);
    const next = from + Math.min(MAX_PAGE, reader.optionalNumber("MaxItems") ?? 100);
    return {
      EventSourceMappings: found.slice(from, next).map((mapping) => this.#describe(mapping)),
      ...(next < found.length ? { NextMarker: String(next) } : {}),
    };
  }

  /** Only the switch can be turned: what else a mapping is comes from the template. */
  #update(mapping: EventSourceMapping, input: Input): Record<string, unknown> {
    const { UUID: _uuid, Enabled, ...others } = input;
    const [other] = Object.keys(others);
    if (other !== undefined) throw invalidParameter(`${other} of a mapping cannot be changed in the local stack`);
    if (typeof Enabled !== "boolean") throw invalidParameter("Enabled must be true or false");
    if (mapping.state === "Disabling") {
      throw new AwsError(
        "ResourceInUseException",
        "Cannot update the event source mapping configuration because it is in use.",
      );
    }
    if (Enabled === (mapping.state === "Enabled")) return this.#describe(mapping);
    this.#options.switches.set(mapping.model, Enabled);
    this.#changedAtMs.set(mapping.model.uuid, this.#options.now());
    if (!Enabled) {
      void mapping.disable();
      return this.#describe(mapping);
    }
    mapping.enable();
    // AWS takes a while to start its pollers, and callers must expect that state.
    return { ...this.#describe(mapping), State: "Enabling" };
  }

  #describe({ model, state }: EventSourceMapping): Record<string, unknown> {
    const { maximumConcurrency } = model;
    return {
      UUID: model.uuid,
      EventSourceMappingArn: model.arn,
      EventSourceArn: model.queueArn,
      FunctionArn: model.functionArn,
      BatchSize: model.batchSize,
      MaximumBatchingWindowInSeconds: model.windowSeconds,
      FunctionResponseTypes: model.reportBatchItemFailures ? ["ReportBatchItemFailures"] : [],
      ...(maximumConcurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
      State: state,
      StateTransitionReason: "USER_INITIATED",
      LastModified: (this.#changedAtMs.get(model.uuid) ?? this.#startedAtMs) / 1000,
    };
  }

  async #invoke({ invoker }: FunctionRuntime, input: Input): Promise<Record<string, unknown>> {
    const functionArn = this.#functionArn(String(input.FunctionName));
    const type = input.InvocationType ?? "RequestResponse";
    if (input.LogType === "Tail") throw invalidParameter("LogType Tail does not run in the local stack");
    const text = String(input.Payload ?? "");
    const payload = parsePayload(text, type === "Event" ? MAX_EVENT_BYTES : MAX_REQUEST_BYTES);
    if (type === "DryRun") return { StatusCode: 204 };
    if (type === "Event") {
      void this.#runAlone(invoker, functionArn, payload);
      return { StatusCode: 202 };
    }
    if (type !== "RequestResponse") throw invalidParameter(`InvocationType ${String(type)} is not known`);
    const result = await invoker.invoke(functionArn, payload);
    if (!result.ok && result.error === "throttled") {
      throw new AwsError("TooManyRequestsException", result.message, { status: 429 });
    }
    return { StatusCode: 200, ExecutedVersion: "$LATEST", ...answerOf(result) };
  }

  async #runAlone(invoker: Invoker, functionArn: string, payload: unknown): Promise<void> {
    const result = await invoker.invoke(functionArn, payload);
    if (!result.ok) this.#options.onProblem(`asynchronous invocation of ${functionArn} failed: ${result.message}`);
  }

  #functionArn(reference: string): string {
    const arn = functionArnOf(reference.replace(/^(\d{12}:)?function:/, ""));
    if (this.#options.functions.some((fn) => fn.arn === arn)) return arn;
    throw notFound(`Function not found: ${arn}`);
  }
}

function mappingOf({ mappings }: FunctionRuntime, { UUID }: Input): EventSourceMapping {
  const found = mappings.find(({ model }) => model.uuid === UUID);
  if (found === undefined) throw notFound("The resource you requested does not exist.");
  return found;
}

function parsePayload(text: string, maxBytes: number): unknown {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new AwsError("RequestTooLargeException", `${bytes} byte payload, the limit is ${maxBytes} bytes`, {
      status: 413,
    });
  }
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new AwsError("InvalidRequestContentException", `Could not parse request body into json: ${String(error)}`);
  }
}

function answerOf(result: InvokeResult): Record<string, unknown> {
  if (result.ok) return { Payload: JSON.stringify(result.payload ?? null) };
  const [, errorType, errorMessage] = /^([\w.]+): ([\s\S]*)$/.exec(result.message) ?? [];
  const error = errorType === undefined ? { errorMessage: result.message } : { errorType, errorMessage };
  return { FunctionError: "Unhandled", Payload: JSON.stringify(error) };
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message, { status: 404 });
}

function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}
