import { Worker } from "node:worker_threads";
import type { FunctionModel, InvokeResult } from "./model.ts";
import type { WorkerError, WorkerInvocation, WorkerReport, WorkerStart } from "./worker-protocol.ts";

/** Lambda's ceiling for a synchronous answer, in bytes. */
const MAX_RESPONSE_BYTES = 6_291_556;

/** One finished invocation and what its REPORT line needs. */
export interface EnvironmentRun {
  readonly result: InvokeResult;
  readonly durationMs: number;
  readonly memoryBytes: number;
}

/** What one environment runs and where its log lines go. */
export interface EnvironmentOptions {
  readonly model: FunctionModel;
  readonly env: Readonly<Record<string, string>>;
  readonly logStreamName: string;
  readonly outboundUrl: string | undefined;
  readonly onLog: (line: string, atMs: number) => void;
}

type Failure = Extract<InvokeResult, { ok: false }>;

/** One worker thread with the built asset of one function in it; serves one invocation at a time until it dies. */
export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #ready: Promise<Failure | undefined>;
  #settleReady: (failure: Failure | undefined) => void = () => {};
  #settleRun: ((result: InvokeResult, memoryBytes: number) => void) | undefined;
  #death: Failure | undefined;
  #alive = true;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    const { model } = options;
    const start: WorkerStart = { codePath: model.codePath, handler: model.handler, outboundUrl: options.outboundUrl };
    this.#ready = new Promise((resolve) => {
      this.#settleReady = resolve;
    });
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: start,
      env: { ...options.env },
      execArgv: [],
      name: model.name.slice(0, 15),
      resourceLimits: { maxOldGenerationSizeMb: model.memoryMb },
    });
    this.#worker.on("message", (message: WorkerReport) => this.#onReport(message));
    this.#worker.on("error", (error: unknown) => this.#onCrash(error));
    this.#exited = new Promise((resolve) => {
      this.#worker.once("exit", (code) => {
        this.#onExit(code);
        resolve();
      });
    });
  }

  /** False once the thread is gone or going; a dead environment is never given another invocation. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Waits for the init phase, no longer than `limitMs`; resolves with the failure when the module cannot be loaded. */
  async init(limitMs: number): Promise<Failure | "late" | undefined> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.kill();
    }, limitMs);
    const failed = await this.#ready;
    clearTimeout(timer);
    if (failed !== undefined) await this.close();
    return isLate ? "late" : failed;
  }

  /** Runs one invocation; a run past what the function's timeout leaves after `spentMs` ends with the thread killed. */
  async run(requestId: string, payload: string, spentMs = 0): Promise<EnvironmentRun> {
    const { model, logStreamName } = this.#options;
    const timeoutMs = Math.max(0, model.timeoutSeconds * 1000 - spentMs);
    const startedAt = performance.now();
    const finished = new Promise<{ result: InvokeResult; memoryBytes: number }>((resolve) => {
      this.#settleRun = (result, memoryBytes) => resolve({ result, memoryBytes });
    });
    if (!this.#alive) this.#settleRun?.(this.#death ?? crashed("exited"), 0);
    const invocation: WorkerInvocation = {
      requestId,
      payload,
      deadlineAtMs: Date.now() + timeoutMs,
      functionName: model.name,
      functionArn: model.arn,
      memoryMb: model.memoryMb,
      logGroupName: model.logGroupName,
      logStreamName,
    };
    this.#worker.postMessage(invocation);
    const timer = setTimeout(() => {
      this.#terminate(timedOut(requestId, model));
    }, timeoutMs);
    const { result, memoryBytes } = await finished;
    clearTimeout(timer);
    return { result, memoryBytes, durationMs: performance.now() - startedAt };
  }

  /** Ends the thread as a lost host would: the running invocation reports a crash. */
  kill(): void {
    this.#terminate(crashed("signal: killed"));
  }

  /** Ends the thread and waits until it is gone. */
  async close(): Promise<void> {
    this.kill();
    await this.#exited;
  }

  #onReport(message: WorkerReport): void {
    if (message.type === "log") this.#options.onLog(message.line, message.atMs);
    else if (message.type === "ready") this.#settleReady(undefined);
    else if (message.type === "init_error") {
      this.#logError(message.error);
      this.#settleReady(failure("init_error", words(message.error)));
    } else if (this.#death === undefined) {
      // Past the deadline (a death is set) the answer no longer counts: the service has already given up.
      if (message.type === "handler_error") this.#logError(message.error);
      const ok = message.type === "result";
      this.#settle(ok ? parsed(message.payload) : failure("handler_error", words(message.error)), message.heapBytes);
    }
  }

  #onCrash(error: unknown): void {
    const { code, name, message } = readError(error);
    if (code === "ERR_WORKER_OUT_OF_MEMORY") {
      this.#death ??= failure("out_of_memory", "Runtime exited with error: signal: killed (out of memory)");
      return;
    }
    this.#logError({ errorType: name, errorMessage: message, trace: [] });
    this.#death ??= failure("handler_error", `${name}: ${message}`);
  }

  #onExit(code: number): void {
    this.#alive = false;
    const why = this.#death ?? crashed(code === 0 ? "exit status 0" : `exit status ${code}`);
    this.#death = why;
    this.#settleReady(why.error === "handler_error" ? { ...why, error: "init_error" } : why);
    this.#settle(why, 0);
  }

  #settle(result: InvokeResult, memoryBytes: number): void {
    const settle = this.#settleRun;
    this.#settleRun = undefined;
    settle?.(result, memoryBytes);
  }

  #terminate(why: Failure): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#death ??= why;
    void this.#worker.terminate();
  }

  #logError(error: WorkerError): void {
    this.#options.onLog(`ERROR Invoke Error ${JSON.stringify(error)}`, Date.now());
  }
}

/** Anything can be thrown across threads, and `instanceof` does not hold across realms. */
function readError(error: unknown): { code: unknown; name: string; message: string } {
  if (typeof error !== "object" || error === null) return { code: undefined, name: "Error", message: String(error) };
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  return { code, name: String(name ?? "Error"), message: String(message ?? "") };
}

/** How a function ends that needed longer than it may. */
export function timedOut(requestId: string, { timeoutSeconds }: FunctionModel): Failure {
  return failure("timeout", `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
}

function failure(error: Failure["error"], message: string): Failure {
  return { ok: false, error, message };
}

function crashed(how: string): Failure {
  return failure("handler_error", `Runtime.ExitError: Runtime exited with error: ${how}`);
}

function words(error: WorkerError): string {
  return `${error.errorType}: ${error.errorMessage}`;
}

function parsed(payload: string): InvokeResult {
  const bytes = Buffer.byteLength(payload);
  if (bytes > MAX_RESPONSE_BYTES) {
    const limit = `maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes)`;
    return failure(
      "handler_error",
      `Function.ResponseSizeTooLarge: Response payload size (${bytes} bytes) exceeded ${limit}.`,
    );
  }
  return { ok: true, payload: JSON.parse(payload) as unknown };
}
