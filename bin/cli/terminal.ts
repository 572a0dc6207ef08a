import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { promptAt } from "./prompt.ts";

/** Everything that a command knows of the world around it but the network, so that tests can be that world. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A person reads standard output and wants colours. */
  readonly colours: boolean;
  /** A person can be asked. */
  readonly canAsk: boolean;
  /** Width of standard output; absent in a pipe, where nothing is wrapped. */
  readonly columns?: number;
  /** One line, or several, to standard output. */
  out(text: string): void;
  /** The same to standard error. */
  err(text: string): void;
  /** Shows how far long work has come, in place of what was shown before; "" takes it away. Nothing without a person. */
  progress(text: string): void;
  ask(question: string): Promise<string>;
  /** What is typed does not appear. */
  askSecret(question: string): Promise<string>;
  /** All of standard input. */
  input(): Promise<string>;
  now(): number;
  /** Resolves early, and without an error, when the signal comes. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Runs until it ends or the person presses Ctrl-C, which the signal tells; a second Ctrl-C ends the process. */
  untilInterrupted<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const isWatched = stdout.isTTY === true;
  const canAsk = stdin.isTTY === true && stderr.isTTY === true;
  let isShowing = false;
  const progress = (words: string): void => {
    if (stderr.isTTY !== true || (words === "" && !isShowing)) return;
    // Back to the line's beginning, and what is left of the line before goes.
    stderr.write(`\r\u001b[K${words}`);
    isShowing = words !== "";
  };
  const write = (stream: NodeJS.WriteStream, line: string): void => {
    progress("");
    stream.write(`${line}\n`);
  };
  return {
    env,
    colours: isWatched && env.NO_COLOR === undefined && env.TERM !== "dumb",
    canAsk,
    ...(isWatched ? { columns: stdout.columns } : {}),
    out: (line) => write(stdout, line),
    err: (line) => write(stderr, line),
    progress,
    ask: (question) => promptAt(question, { hidden: false }),
    askSecret: (question) => promptAt(question, { hidden: true }),
    input: () => text(stdin),
    now: Date.now,
    wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
    untilInterrupted,
  };
}

async function untilInterrupted<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once("SIGINT", stop);
  try {
    return await run(controller.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}
