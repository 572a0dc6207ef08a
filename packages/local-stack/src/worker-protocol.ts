/** What an execution environment is started with, as `workerData`. */
export interface WorkerStart {
  readonly codePath: string;
  /** `file.export`, as in the template. */
  readonly handler: string;
  readonly outboundUrl: string | undefined;
}

/** One invocation, sent to the worker; `payload` is JSON text as Lambda would pass it. */
export interface WorkerInvocation {
  readonly requestId: string;
  readonly payload: string;
  /** Epoch milliseconds at which the invocation will be killed. */
  readonly deadlineAtMs: number;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** An error in the shape Lambda reports it. */
export interface WorkerError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** What a worker tells the pool: its log lines, in order with the results they belong to. */
export type WorkerReport =
  | { readonly type: "log"; readonly line: string; readonly atMs: number }
  | { readonly type: "ready" }
  | { readonly type: "init_error"; readonly error: WorkerError }
  | { readonly type: "result"; readonly requestId: string; readonly payload: string; readonly heapBytes: number }
  | {
      readonly type: "handler_error";
      readonly requestId: string;
      readonly error: WorkerError;
      readonly heapBytes: number;
    };
