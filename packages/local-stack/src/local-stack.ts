import { EventSourceMapping } from "./event-source-mapping.ts";
import { HttpApi } from "./http-api.ts";
import { LambdaPool } from "./lambda-pool.ts";
import type { EventSourceMappingModel, InvokeResult, LogSink, StackModel } from "./model.ts";
import { Schedules } from "./schedule.ts";
import { type LocalCredentials, type Services, type ServicesOptions, startServices } from "./services.ts";
import { sourceQueueOf } from "./source-queue.ts";

/** One log line of a function, or one access log line of an API. */
interface LogEntry {
  readonly logGroupName: string;
  readonly line: string;
  readonly atMs: number;
}

/** What a local stack is made from, and who is told what happens in it. */
export interface LocalStackOptions
  extends Pick<
    ServicesOptions,
    "cdkOutDir" | "stackName" | "secretsFile" | "dataDir" | "alarmEverySeconds" | "onAlarm"
  > {
  /** Loopback server that stands for the rest of the internet; without it requests that leave the machine fail. */
  readonly outboundUrl?: string;
  /** Port of the first HTTP API on 127.0.0.1; any free one when absent or 0. Further APIs take any free port. */
  readonly httpPort?: number;
  readonly gatewayPort?: number;
  /** Environments per function and batches per mapping at once, 4 when absent. */
  readonly maxEnvironments?: number;
  /** Takes clients' addresses from `X-Forwarded-For`; on when absent. */
  readonly trustForwardedFor?: boolean;
  readonly onProgress?: (line: string) => void;
  readonly onLog?: (entry: LogEntry) => void;
}

/** A stack of the assembly, running on this machine. */
export interface LocalStack {
  readonly model: StackModel;
  readonly gatewayUrl: string;
  readonly operatorCredentials: LocalCredentials;
  readonly pool: Pick<LambdaPool, "kill" | "environments">;
  readonly metrics: Services["metrics"];
  readonly alarms: Services["alarms"];
  readonly meter: Services["meter"];
  /** Address of an HTTP API without a trailing slash; the logical id may be left out when there is only one. */
  apiUrl(logicalId?: string): string;
  /** Invokes a function by name, logical id or ARN. */
  invoke(functionName: string, payload: unknown): Promise<InvokeResult>;
  /** Runs a schedule's target now, by the schedule's name or logical id. */
  runSchedule(name: string): Promise<InvokeResult>;
  /** Listens to every log line from now on; the result ends it. */
  subscribe(listener: (entry: LogEntry) => void): () => void;
  /** Ends everything and waits until it is gone: ports, threads, timers, emulators. */
  stop(): Promise<void>;
}

interface Runtime {
  readonly services: Services;
  readonly pool: LambdaPool;
  readonly schedules: Schedules;
  readonly mappings: readonly EventSourceMapping[];
  readonly apis: ReadonlyMap<string, HttpApi>;
}

/** Runs a synthesised stack: the template's functions, API, queues, tables, secrets, schedules, metrics and alarms. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const startedAt = performance.now();
  const progress = options.onProgress ?? (() => {});
  const listeners = new Set<(entry: LogEntry) => void>(options.onLog === undefined ? [] : [options.onLog]);
  const services = await startServices(servicesOptions(options, progress));
  let runtime: Runtime | undefined;
  try {
    runtime = runtimeOf(services, options, teeing(services.logSink, listeners), progress);
    await start(runtime, services.model, progress);
  } catch (error) {
    await (runtime === undefined ? services.stop() : stop(runtime));
    throw error;
  }
  progress(`stack ${services.model.stackName} is up after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return handleOf(runtime, listeners);
}

function servicesOptions(options: LocalStackOptions, log: (line: string) => void): ServicesOptions {
  const { cdkOutDir, stackName, secretsFile, dataDir, gatewayPort, alarmEverySeconds, onAlarm } = options;
  return {
    cdkOutDir,
    secretsFile,
    log,
    ...(stackName === undefined ? {} : { stackName }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(gatewayPort === undefined ? {} : { port: gatewayPort }),
    ...(alarmEverySeconds === undefined ? {} : { alarmEverySeconds }),
    ...(onAlarm === undefined ? {} : { onAlarm }),
  };
}

/** One sink for metrics and listeners; a listener that throws must not fail the invocation whose line it reads. */
function teeing(sink: LogSink, listeners: ReadonlySet<(entry: LogEntry) => void>): LogSink {
  return {
    write(logGroupName, line, atMs) {
      sink.write(logGroupName, line, atMs);
      for (const listener of listeners) {
        try {
          listener({ logGroupName, line, atMs });
        } catch (error) {
          process.emitWarning(`a log listener failed: ${String(error)}`);
        }
      }
    },
  };
}

function runtimeOf(
  services: Services,
  options: LocalStackOptions,
  logSink: LogSink,
  onProblem: (line: string) => void,
): Runtime {
  const { model, gatewayUrl, metrics } = services;
  const { outboundUrl, maxEnvironments = 4, trustForwardedFor = true } = options;
  const pool = new LambdaPool({
    model,
    gatewayUrl,
    credentialsFor: (arn) => services.credentialsFor(arn),
    logSink,
    metrics,
    maxEnvironments,
    ...(outboundUrl === undefined ? {} : { outboundUrl }),
  });
  const mappings = model.eventSourceMappings.map((mapping) => {
    const queue = sourceQueueOf(services, mapping, queueUrlOf(services, mapping));
    const { region } = model;
    return new EventSourceMapping({
      model: mapping,
      enabled: services.switches.isEnabled(mapping),
      region,
      queue,
      invoker: pool,
      maxConcurrency: maxEnvironments,
      onProblem,
    });
  });
  services.attachFunctions({ invoker: pool, mappings });
  const apis = model.httpApis.map((api, at) => {
    const port = at === 0 ? (options.httpPort ?? 0) : 0;
    const { accountId } = model;
    const made = new HttpApi({ model: api, accountId, invoker: pool, logSink, metrics, port, trustForwardedFor });
    return [api.logicalId, made] as const;
  });
  const schedules = new Schedules({ models: model.schedules, invoker: pool, onProblem });
  return { services, pool, schedules, mappings, apis: new Map(apis) };
}

/** As `Ref` of the queue resolves: the path is the account and the name. */
function queueUrlOf(services: Services, mapping: EventSourceMappingModel): string {
  const queue = services.model.queues.find(({ arn }) => arn === mapping.queueArn);
  if (queue === undefined) throw new Error(`${mapping.logicalId}: no queue ${mapping.queueArn} in this stack`);
  return `${services.gatewayUrl}/${services.model.accountId}/${queue.name}`;
}

/** The door opens last: nothing may come in before all behind it runs. */
async function start(runtime: Runtime, model: StackModel, progress: (line: string) => void): Promise<void> {
  await Promise.all(runtime.mappings.map((mapping) => mapping.start()));
  progress(`${model.functions.length} functions ready, ${runtime.mappings.length} of them fed by queues`);
  runtime.schedules.start();
  for (const [logicalId, api] of runtime.apis) {
    await api.start();
    progress(`HTTP API ${logicalId} at ${api.url}`);
  }
}

/** The door closes first; running invocations end with their threads, and their messages come back as after a crash. */
async function stop(runtime: Runtime): Promise<void> {
  await Promise.all([...runtime.apis.values()].map((api) => api.stop()));
  const polling = [runtime.schedules.stop(), ...runtime.mappings.map((mapping) => mapping.stop())];
  await runtime.pool.stop();
  await Promise.all(polling);
  await runtime.services.stop();
}

function handleOf(runtime: Runtime, listeners: Set<(entry: LogEntry) => void>): LocalStack {
  const { services, pool, schedules, apis } = runtime;
  const { model, gatewayUrl, metrics, alarms, meter } = services;
  let stopped: Promise<void> | undefined;
  return {
    model,
    gatewayUrl,
    get operatorCredentials() {
      return services.operatorCredentials;
    },
    metrics,
    alarms,
    meter,
    pool,
    apiUrl(logicalId) {
      const api = logicalId === undefined && apis.size === 1 ? [...apis.values()][0] : apis.get(logicalId ?? "");
      if (api === undefined) throw new Error(`name one of the stack's HTTP APIs: ${[...apis.keys()].join(", ")}`);
      return api.url;
    },
    async invoke(functionName, payload) {
      const fn = model.functions.find(({ name, logicalId, arn }) => [name, logicalId, arn].includes(functionName));
      if (fn === undefined) throw new Error(`no function ${functionName} in stack ${model.stackName}`);
      return pool.invoke(fn.arn, payload);
    },
    runSchedule: (name) => schedules.runNow(name),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      stopped ??= stop(runtime);
      return stopped;
    },
  };
}
