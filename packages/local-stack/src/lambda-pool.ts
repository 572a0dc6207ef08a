import { randomUUID } from "node:crypto";
import { type EnvironmentRun, ExecutionEnvironment, timedOut } from "./execution-environment.ts";
import { FunctionSlots } from "./function-slots.ts";
import { environmentOf, type FunctionCredentials } from "./lambda-environment.ts";
import type { FunctionModel, InvokeResult, Invoker, LogSink, StackModel } from "./model.ts";
import type { MetricRecorder } from "./services.ts";

/** Lambda's ceiling for a synchronous request, in bytes. */
export const MAX_REQUEST_BYTES = 6_291_456;
const IDLE_MS = 60_000;
/** Lambda gives the init phase ten seconds of its own. */
const INIT_LIMIT_MS = 10_000;

/** What the pool needs of the rest of the stack. */
export interface LambdaPoolOptions {
  readonly model: Pick<StackModel, "functions" | "region">;
  readonly gatewayUrl: string;
  readonly credentialsFor: (functionArn: string) => FunctionCredentials;
  readonly logSink: LogSink;
  readonly metrics: MetricRecorder;
  /** Loopback server that stands for the rest of the internet; without it requests that leave the machine fail. */
  readonly outboundUrl?: string;
  /** Environments per function, 4 when absent. */
  readonly maxEnvironments?: number;
  readonly now?: () => number;
  /** How long the init phase may take before it is begun anew within the invocation; ten seconds when absent. */
  readonly initLimitMs?: number;
}

/** An environment that is up, or failed to come up; what a second init phase took counts against the function's timeout. */
interface Started {
  readonly environment: ExecutionEnvironment;
  readonly failed: Extract<InvokeResult, { ok: false }> | undefined;
  readonly spentMs: number;
}

interface WarmEnvironment {
  readonly environment: ExecutionEnvironment;
  idleSinceMs: number;
}

interface FunctionState {
  readonly model: FunctionModel;
  readonly slots: FunctionSlots;
  /** Newest last: the newest is reused first, so that the others can age and be reaped. */
  readonly idle: WarmEnvironment[];
  readonly busy: Set<ExecutionEnvironment>;
}

/** Runs the functions of a stack in worker threads: cold and warm starts, timeouts, concurrency, REPORT lines. */
export class LambdaPool implements Invoker {
  readonly #options: LambdaPoolOptions;
  readonly #now: () => number;
  readonly #functions = new Map<string, FunctionState>();
  readonly #reaper: NodeJS.Timeout;
  #stopping = false;

  constructor(options: LambdaPoolOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    for (const model of options.model.functions) {
      const limits = { maxEnvironments: options.maxEnvironments ?? 4, reserved: model.reservedConcurrency };
      this.#functions.set(model.arn, { model, slots: new FunctionSlots(limits), idle: [], busy: new Set() });
    }
    this.#reaper = setInterval(() => void this.reapIdle(), IDLE_MS / 4);
    this.#reaper.unref();
  }

  async invoke(functionArn: string, payload: unknown): Promise<InvokeResult> {
    const fn = this.#functions.get(functionArn);
    if (fn === undefined) throw new Error(`no function ${functionArn} in this stack`);
    const text = JSON.stringify(payload) ?? "null";
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_REQUEST_BYTES) {
      const message = `RequestEntityTooLargeException: ${bytes} byte payload, the limit is ${MAX_REQUEST_BYTES} bytes`;
      return { ok: false, error: "handler_error", message };
    }
    if (!(await fn.slots.acquire())) {
      this.#record(fn.model, "Throttles", 1);
      return { ok: false, error: "throttled", message: `Rate Exceeded: ${fn.model.name} has no concurrency left` };
    }
    try {
      return await this.#runOnce(fn, text);
    } finally {
      fn.slots.release();
    }
  }

  /**
   * Kills one environment as a lost host would, for fault injection: a running one before an idle one, of the named
   * function or of any. Returns the function's name, or undefined when nothing is up.
   */
  kill(functionName?: string): string | undefined {
    const wanted = [...this.#functions.values()].filter((fn) => [undefined, fn.model.name].includes(functionName));
    const busy = wanted.flatMap((fn) => [...fn.busy].map((environment) => ({ fn, environment })));
    const idle = wanted.flatMap((fn) => fn.idle.map(({ environment }) => ({ fn, environment })));
    const victims = (busy.length > 0 ? busy : idle).filter(({ environment }) => environment.alive);
    const victim = victims[Math.floor(Math.random() * victims.length)];
    victim?.environment.kill();
    return victim?.fn.model.name;
  }

  /** Live environments of a function, idle and busy. */
  environments(functionArn: string): { readonly idle: number; readonly busy: number } {
    const fn = this.#functions.get(functionArn);
    return { idle: fn?.idle.length ?? 0, busy: fn?.busy.size ?? 0 };
  }

  /** Ends the environments that nothing has used for a minute. */
  async reapIdle(): Promise<void> {
    const before = this.#now() - IDLE_MS;
    const ended: Promise<void>[] = [];
    for (const { idle } of this.#functions.values()) {
      while (idle[0] !== undefined && (idle[0].idleSinceMs <= before || !idle[0].environment.alive)) {
        const oldest = idle.shift();
        if (oldest !== undefined) ended.push(oldest.environment.close());
      }
    }
    await Promise.all(ended);
  }

  /** Ends every environment and waits until the threads are gone; running invocations report a crash. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#reaper);
    const all = [...this.#functions.values()];
    await Promise.all(
      all.flatMap((fn) => [...fn.busy, ...fn.idle.map((warm) => warm.environment)].map((e) => e.close())),
    );
    for (const fn of all) fn.idle.length = 0;
  }

  async #runOnce(fn: FunctionState, payload: string): Promise<InvokeResult> {
    if (this.#stopping) return { ok: false, error: "init_error", message: "the local stack is stopping" };
    const requestId = randomUUID();
    const initStart = performance.now();
    const warm = takeWarm(fn.idle);
    this.#record(fn.model, "Invocations", 1);
    this.#record(fn.model, "ConcurrentExecutions", fn.slots.running);
    if (warm !== undefined) fn.busy.add(warm.environment);
    const { environment, failed, spentMs } = warm ?? (await this.#coldStart(fn, requestId));
    try {
      const initMs = warm === undefined ? performance.now() - initStart : undefined;
      const run = failed === undefined ? await environment.run(requestId, payload, spentMs) : unrun(failed);
      this.#reportRun(fn.model, requestId, run, initMs);
      return run.result;
    } finally {
      fn.busy.delete(environment);
      if (environment.alive && !this.#stopping) fn.idle.push({ environment, idleSinceMs: this.#now() });
    }
  }

  /**
   * A new environment, busy from the start. An init phase that takes too long is no failure: Lambda begins it anew within
   * the invocation, where the function's own timeout holds. A machine with much to do would else fail batches that then
   * wait out their visibility timeout.
   */
  async #coldStart(fn: FunctionState, requestId: string): Promise<Started> {
    const limitMs = this.#options.initLimitMs ?? INIT_LIMIT_MS;
    const first = this.#cold(fn.model);
    fn.busy.add(first);
    const failed = await first.init(limitMs);
    if (failed !== "late") return { environment: first, failed, spentMs: 0 };
    fn.busy.delete(first);
    this.#write(fn.model, `INIT_REPORT Init Duration: ${limitMs.toFixed(2)} ms\tPhase: init\tStatus: timeout`);
    const environment = this.#cold(fn.model);
    fn.busy.add(environment);
    const beganAt = performance.now();
    const again = await environment.init(fn.model.timeoutSeconds * 1000);
    return {
      environment,
      failed: again === "late" ? timedOut(requestId, fn.model) : again,
      spentMs: performance.now() - beganAt,
    };
  }

  #cold(model: FunctionModel): ExecutionEnvironment {
    const { gatewayUrl, outboundUrl, logSink } = this.#options;
    const day = new Date(this.#now()).toISOString().slice(0, 10).replaceAll("-", "/");
    const logStreamName = `${day}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
    const credentials = this.#options.credentialsFor(model.arn);
    const region = this.#options.model.region;
    return new ExecutionEnvironment({
      model,
      env: environmentOf(model, { region, gatewayUrl, credentials, logStreamName }),
      logStreamName,
      outboundUrl,
      onLog: (line, atMs) => logSink.write(model.logGroupName, line, atMs),
    });
  }

  #reportRun(model: FunctionModel, requestId: string, run: EnvironmentRun, initMs: number | undefined): void {
    const { result, durationMs } = run;
    this.#record(model, "Errors", result.ok ? 0 : 1);
    this.#record(model, "Duration", durationMs);
    const usedMb = Math.max(1, Math.ceil(run.memoryBytes / 2 ** 20));
    // Since August 2025 the init phase of managed runtimes is billed too.
    const parts = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${durationMs.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(durationMs + (initMs ?? 0))} ms`,
      `Memory Size: ${model.memoryMb} MB`,
      `Max Memory Used: ${usedMb} MB`,
      ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
      ...(result.ok ? [] : [`Status: ${result.error === "timeout" ? "timeout" : "error"}`]),
    ];
    if (!result.ok && result.error !== "handler_error") this.#write(model, result.message);
    this.#write(model, parts.join("\t"));
  }

  #write(model: FunctionModel, line: string): void {
    this.#options.logSink.write(model.logGroupName, line, this.#now());
  }

  #record(model: FunctionModel, name: string, value: number): void {
    this.#options.metrics.record("AWS/Lambda", name, { FunctionName: model.name }, value, this.#now());
  }
}

function takeWarm(idle: WarmEnvironment[]): Started | undefined {
  for (let warm = idle.pop(); warm !== undefined; warm = idle.pop()) {
    if (warm.environment.alive) return { environment: warm.environment, failed: undefined, spentMs: 0 };
  }
  return undefined;
}

function unrun(result: InvokeResult): EnvironmentRun {
  return { result, durationMs: 0, memoryBytes: 0 };
}
