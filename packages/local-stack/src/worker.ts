// One execution environment: runs in its own thread, loads the built asset once, then serves one invocation at a time.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { installOutbound } from "./outbound.ts";
import type { WorkerError, WorkerInvocation, WorkerReport, WorkerStart } from "./worker-protocol.ts";

type Handler = (event: unknown, context: object) => unknown;

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a worker thread only");
const report = (message: WorkerReport): void => port.postMessage(message);
const flushLogs = captureOutput();

const start = workerData as WorkerStart;
installOutbound(start.outboundUrl);
try {
  const handler = await loadHandler(start);
  report({ type: "ready" });
  port.on("message", (invocation: WorkerInvocation) => void run(handler, invocation));
} catch (error) {
  flushLogs();
  report({ type: "init_error", error: describe(error) });
  port.close();
}

async function run(handler: Handler, invocation: WorkerInvocation): Promise<void> {
  const { requestId } = invocation;
  try {
    const returned: unknown = await handler(JSON.parse(invocation.payload), contextOf(invocation));
    const payload = JSON.stringify(returned) ?? "null";
    flushLogs();
    report({ type: "result", requestId, payload, heapBytes: heapBytes() });
  } catch (error) {
    flushLogs();
    report({ type: "handler_error", requestId, error: describe(error), heapBytes: heapBytes() });
  }
}

/** The runtime's own order of file endings; the export may be nested (`index.api.handler`). */
async function loadHandler({ codePath, handler }: WorkerStart): Promise<Handler> {
  const slash = handler.lastIndexOf("/") + 1;
  const dot = handler.indexOf(".", slash);
  const stem = join(codePath, dot === -1 ? handler : handler.slice(0, dot));
  const file = [".js", ".mjs", ".cjs"].map((ending) => stem + ending).find((path) => existsSync(path));
  if (file === undefined) throw typed("Runtime.ImportModuleError", `Cannot find module '${handler}'`);
  let value: unknown = await import(pathToFileURL(file).href);
  for (const name of handler.slice(dot + 1).split(".")) {
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  if (typeof value !== "function") throw typed("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  return value as Handler;
}

function contextOf(invocation: WorkerInvocation): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: invocation.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: String(invocation.memoryMb),
    awsRequestId: invocation.requestId,
    logGroupName: invocation.logGroupName,
    logStreamName: invocation.logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadlineAtMs - Date.now()),
  };
}

/**
 * Sends stdout and stderr through the message port instead of the thread's pipes: there lines keep their order with
 * the results, and a line written before the thread is killed is not lost.
 */
function captureOutput(): () => void {
  const flushes = [process.stdout, process.stderr].map((stream) => {
    let rest = "";
    const write = (chunk: string | Uint8Array, encodingOrDone?: unknown, done?: unknown): boolean => {
      const encoding = typeof encodingOrDone === "string" ? (encodingOrDone as BufferEncoding) : "utf8";
      rest += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString(encoding);
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      const atMs = Date.now();
      for (const line of lines) if (line !== "") report({ type: "log", line, atMs });
      const callback = typeof encodingOrDone === "function" ? encodingOrDone : done;
      if (typeof callback === "function") queueMicrotask(() => callback());
      return true;
    };
    stream.write = write as typeof stream.write;
    return () => {
      if (rest !== "") report({ type: "log", line: rest, atMs: Date.now() });
      rest = "";
    };
  });
  return () => {
    for (const flush of flushes) flush();
  };
}

function describe(error: unknown): WorkerError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") ?? [] };
}

function typed(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** Memory of this thread alone; the process's figure would hold every environment. */
function heapBytes(): number {
  const heap = getHeapStatistics();
  return heap.used_heap_size + heap.external_memory;
}
