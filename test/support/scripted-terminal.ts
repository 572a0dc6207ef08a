import type { Terminal } from "../../bin/cli/terminal.ts";

/** Who sits at the terminal. */
export interface Script {
  readonly env?: Readonly<Record<string, string>>;
  readonly colours?: boolean;
  readonly columns?: number;
  /** What the person answers, in order; without it there is nobody to ask. */
  readonly answers?: readonly string[];
  /** Standard input. */
  readonly input?: string;
  /** Ctrl-C comes during the wait of this number, from 1. */
  readonly interruptAtWait?: number;
}

/** A terminal for tests, in virtual time, that remembers what it showed. */
export interface ScriptedTerminal extends Terminal {
  /** Standard output, all of it. */
  stdout(): string;
  stderr(): string;
  /** Every progress line that was shown. */
  readonly progressed: readonly string[];
  readonly asked: readonly string[];
}

/** The moment at which every test begins. */
export const NOON = Date.UTC(2026, 10, 23, 12);

/** Makes one. */
export function scriptedTerminal(script: Script = {}): ScriptedTerminal {
  const { env = {}, colours = false, columns, answers, input = "", interruptAtWait } = script;
  const out: string[] = [];
  const err: string[] = [];
  const progressed: string[] = [];
  const asked: string[] = [];
  let now = NOON;
  let waits = 0;
  let interrupt = () => {};
  const answer = async (question: string) => {
    const text = answers?.[asked.length];
    asked.push(question);
    if (text === undefined) throw new Error(`nobody answers ${question}`);
    return text;
  };
  return {
    env: { HOME: "/nowhere", ...env },
    colours,
    canAsk: answers !== undefined,
    ...(columns === undefined ? {} : { columns }),
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    progress: (text) => void (text !== "" && progressed.push(text)),
    ask: answer,
    askSecret: answer,
    input: async () => input,
    now: () => now,
    async wait(ms) {
      now += ms;
      waits += 1;
      if (waits === interruptAtWait) interrupt();
    },
    async untilInterrupted(run) {
      const controller = new AbortController();
      interrupt = () => controller.abort();
      return run(controller.signal);
    },
    stdout: () => out.map((text) => `${text}\n`).join(""),
    stderr: () => err.map((text) => `${text}\n`).join(""),
    progressed,
    asked,
  };
}
