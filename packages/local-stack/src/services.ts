import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AlarmListener, type AlarmState, Alarms, type AlarmView } from "./alarms.ts";
import { readAssembly } from "./assembly.ts";
import { Callers } from "./callers.ts";
import { CloudWatch } from "./cloudwatch.ts";
import { control, sampleQueues } from "./control-routes.ts";
import { extractEmf } from "./emf.ts";
import { Faults } from "./faults.ts";
import { Firehose } from "./firehose.ts";
import { Gateway } from "./gateway.ts";
import { type FunctionRuntime, LambdaService } from "./lambda-service.ts";
import { Logs } from "./logs.ts";
import { MappingSwitches } from "./mapping-switches.ts";
import { Meter, type MeterReport } from "./meter.ts";
import { MetricStore } from "./metrics.ts";
import type { AlarmModel, LogSink, StackModel } from "./model.ts";
import { Queues } from "./queues.ts";
import { S3Service } from "./s3-service.ts";
import { Secrets } from "./secrets.ts";
import { type Backends, ServiceCalls } from "./service-calls.ts";
import { SnsService } from "./sns-service.ts";
import { deliveryStreams } from "./stack-deliveries.ts";
import { openStores, type StackStores } from "./stack-stores.ts";

const SAMPLE_EVERY_MS = 10_000;
const SWEEP_EVERY_MS = 60_000;
const DELIVER_EVERY_MS = 1000;

/** Where the stack comes from and where its data lives. */
export interface ServicesOptions {
  readonly cdkOutDir: string;
  /** Needed when the assembly holds several stacks. */
  readonly stackName?: string;
  /** JSON file `{secret name: value}`; created when missing, and given the generated secrets. */
  readonly secretsFile: string;
  /** Keeps tables, queues, objects, undelivered records, metrics and the switches of mappings between runs; in memory when absent. */
  readonly dataDir?: string;
  /** Port of the gateway on 127.0.0.1; any free one when absent. */
  readonly port?: number;
  readonly log: (line: string) => void;
  readonly now?: () => number;
  /** 10 when absent. */
  readonly alarmEverySeconds?: number;
  readonly onAlarm?: (alarm: AlarmModel, from: AlarmState, to: AlarmState, reason: string) => void;
}

/** What a worker puts in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: it tells the gateway who calls. */
export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Feeds a metric that AWS itself would emit (`AWS/Lambda Errors` ...); `atMs` is now when absent. */
export interface MetricRecorder {
  record(
    namespace: string,
    metricName: string,
    dimensions: Readonly<Record<string, string>>,
    value: number,
    atMs?: number,
  ): void;
}

/** The data services of one stack, running. */
export interface Services {
  readonly model: StackModel;
  /** Endpoint of every AWS service (AWS_ENDPOINT_URL), without a trailing slash. */
  readonly gatewayUrl: string;
  credentialsFor(functionArn: string): LocalCredentials;
  /** Allowed everything: tests and CLIs. */
  readonly operatorCredentials: LocalCredentials;
  /**
   * The same call as over HTTP (authorised, metered, faults injected), without the HTTP: for event source mappings.
   * `caller` is a function ARN, whose role must allow it, or "operator". Throws AwsError (aws-error.ts).
   * SQS input and output are those of the JSON protocol; `signal` ends a long poll early with no messages.
   */
  call(
    caller: string,
    service: "sqs" | "dynamodb" | "secretsmanager",
    operation: string,
    input: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>>;
  /** Which mappings are to poll; more than the template says once somebody switched one. */
  readonly switches: Pick<MappingSwitches, "isEnabled">;
  /** Opens the Lambda API onto what runs the functions. */
  attachFunctions(runtime: FunctionRuntime): void;
  readonly logSink: LogSink;
  readonly metrics: MetricRecorder;
  readonly alarms: { list(): AlarmView[]; evaluate(): void };
  readonly meter: { report(): MeterReport; reset(): void };
  stop(): Promise<void>;
}

/** Reads the assembly and starts the gateway, the tables, the queues, the secrets, the metrics and the alarms. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const gateway = new Gateway();
  const gatewayUrl = await gateway.listen(options.port);
  try {
    return await startBehind(gateway, gatewayUrl, options);
  } catch (error) {
    await gateway.stop();
    throw error;
  }
}

async function startBehind(gateway: Gateway, gatewayUrl: string, options: ServicesOptions): Promise<Services> {
  const { cdkOutDir, stackName, dataDir } = options;
  const model = readAssembly(cdkOutDir, { gatewayUrl, ...(stackName === undefined ? {} : { stackName }) });
  const stores = await openStores(model, dataDir);
  try {
    return await startOn(stores, model, gateway, gatewayUrl, options);
  } catch (error) {
    await stores.close();
    throw error;
  }
}

async function startOn(
  stores: StackStores,
  model: StackModel,
  gateway: Gateway,
  gatewayUrl: string,
  options: ServicesOptions,
): Promise<Services> {
  const { secretsFile, dataDir, log, now = Date.now } = options;
  const { tables, queueJournal: journal, deliveryJournal } = stores;
  const callers = new Callers(model.functions);
  const store = new MetricStore(now);
  const metricsFile = dataDir === undefined ? undefined : join(dataDir, "metrics.json");
  if (metricsFile !== undefined && existsSync(metricsFile)) store.load(readFileSync(metricsFile, "utf8"));
  const alarms = new Alarms(model.alarms, store, now, alarmListener(model, options));
  const secrets = new Secrets(model.secrets, secretsFile);
  const meter = new Meter();
  const faults = new Faults();
  const queues = new Queues({ models: model.queues, gatewayUrl, now, ...(journal === undefined ? {} : { journal }) });
  const s3 = new S3Service({ buckets: model.buckets, store: stores.objects, meter, faults, now });
  const sns = await SnsService.open(model.topics, meter, faults);
  const cloudWatch = new CloudWatch(store, () => alarms.list(), now);
  const switches = new MappingSwitches(
    model.eventSourceMappings,
    dataDir === undefined ? undefined : join(dataDir, "mappings.json"),
  );
  const lambda = new LambdaService({ functions: model.functions, switches, now, onProblem: log });
  const firehose = new Firehose(deliveryStreams(model, { s3, store, journal: deliveryJournal, now, log }), now());
  const logs = new Logs(logGroupNames(model), now);
  const backends: Backends = { queues, tables, secrets, cloudWatch, lambda, firehose, logs, store, meter, faults };
  const calls = new ServiceCalls(backends);
  gateway.serve({
    callers,
    calls,
    s3,
    sns,
    control: (method, path, body) => control({ ...backends, alarms }, method, path, body),
  });

  const timers = [
    setInterval(() => sampleQueues(queues, store), SAMPLE_EVERY_MS),
    setInterval(() => alarms.evaluate(), (options.alarmEverySeconds ?? 10) * 1000),
    setInterval(() => {
      tables.sweep(now()).catch((error: unknown) => log(`expiry of items: ${String(error)}`));
    }, SWEEP_EVERY_MS),
  ];
  const deliver = () => void firehose.deliverDue().catch((error: unknown) => log(`delivery streams: ${String(error)}`));
  timers.push(setInterval(deliver, DELIVER_EVERY_MS));
  for (const timer of timers) timer.unref();

  return {
    model,
    gatewayUrl,
    credentialsFor: (functionArn) => callers.credentialsFor(functionArn),
    get operatorCredentials() {
      return callers.operatorCredentials;
    },
    async call(callerId, service, operation, input, signal) {
      const caller = callers.byId(callerId);
      if (caller === undefined) throw new Error(`There is no caller ${callerId}`);
      // dynalite uses its input up, and over HTTP nobody would notice.
      return calls.call(caller, service, operation, structuredClone({ ...input }), signal);
    },
    switches,
    attachFunctions: (runtime) => lambda.attach(runtime),
    logSink: logSinkOf(logs, store, log),
    metrics: store,
    alarms,
    meter,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      queues.close();
      await gateway.stop();
      // As a stream's last buffer does when its time is up; what S3 refuses stays in the journal.
      await firehose.flush();
      // What queues dropped since the last sample is known to nobody else.
      sampleQueues(queues, store);
      if (metricsFile !== undefined) writeFileSync(metricsFile, store.dump());
      await sns.close();
      await stores.close();
    },
  };
}

/** Changes of state go to whoever asked for them, else to the log; mails that would leave are logged in any case. */
function alarmListener(model: StackModel, { log, onAlarm }: ServicesOptions): AlarmListener {
  return (alarm, from, to, reason) => {
    if (onAlarm === undefined) log(`alarm ${alarm.name}: ${from} → ${to} (${reason})`);
    else onAlarm(alarm, from, to, reason);
    if (to !== "ALARM") return;
    for (const topic of model.topics.filter(({ arn }) => alarm.alarmActions.includes(arn))) {
      for (const { protocol, endpoint } of topic.subscriptions)
        log(`topic ${topic.name} would tell ${protocol} ${endpoint}`);
    }
  };
}

function logGroupNames({ functions, httpApis }: StackModel): Set<string> {
  const access = httpApis.flatMap(({ accessLog }) => (accessLog === undefined ? [] : [accessLog.logGroupName]));
  return new Set([...functions.map(({ logGroupName }) => logGroupName), ...access]);
}

/** Metrics come out of log lines; a line that CloudWatch could not use is counted where CloudWatch counts it. */
function logSinkOf(logs: Logs, store: MetricStore, log: (line: string) => void): LogSink {
  return {
    write(logGroupName, line, atMs) {
      logs.write(logGroupName, line, atMs);
      const found = extractEmf(line, atMs);
      if (found.kind === "points") for (const point of found.points) store.add(point);
      if (found.kind !== "error") return;
      store.record("AWS/Logs", found.metricName, { LogGroupName: logGroupName }, 1, atMs);
      store.record("AWS/Logs", found.metricName, {}, 1, atMs);
      log(`${logGroupName}: ${found.metricName}: ${found.reason}`);
    },
  };
}
