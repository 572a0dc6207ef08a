import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EXIT } from "../../bin/cli/cli-error.ts";
import { type LocalState, readLocalState } from "../../bin/local-state.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import type { EventStories, EventStoryView } from "../../src/ops/contract/event-stories.ts";
import { type AppCalls, callsTo } from "./app-calls.ts";
import { assemblyOf } from "./assembly.ts";
import type { Disturbance, Disturbed } from "./disturbed-process.ts";
import { type Ended, LAUNCHER, runNode } from "./node-process.ts";

const root = resolve(import.meta.dirname, "../..");

/** How to start the product for a test. */
export interface AppOptions {
  /** Another config file, relative to the repository root. */
  config?: string;
  /** More arguments for `bin/local.ts`. */
  args?: readonly string[];
  /** Allows `advanceClock` and `killWorker`. */
  disturbable?: boolean;
  /** Has it synthesise its stack itself, as users have it do; otherwise tests share what was synthesised once. */
  synthesises?: boolean;
  /** A directory that outlives the app, in place of one of its own. */
  directory?: string;
  /** How far ahead its clock begins, ms; for `disturbable` ones. */
  clockAheadMs?: number;
}

/** The product, running as `npm start` runs it, in a process and a directory of its own. */
export interface RunningApp extends LocalState, AppCalls {
  readonly pid: number;
  /** Its keys, secrets and state. */
  readonly directory: string;
  /** Everything the process printed so far: λ logs, metrics, progress. */
  output(): string;
  /** Resident memory of the process, MB. */
  memoryMb(): Promise<number>;
  /** The command line tool against this app, with its configuration and in its directory; rejects unless it exits 0. */
  tool(...words: string[]): Promise<Ended>;
  /** The same, whatever it exits with. */
  tryTool(...words: string[]): Promise<Ended>;
  /** What the tool tells of an event. */
  trace(eventId: string): Promise<EventStories>;
  /** The first event of that; undefined until something is stored. */
  story(eventId: string): Promise<EventStoryView | undefined>;
  /** Moves the app's wall clock forward, in every thread, and lets the queues see it. Answers its time, epoch ms. */
  advanceClock(ms: number): Promise<number>;
  /** Kills the λ worker, busy or idle, at this place in [0, 1) of all; at a random one unless told. False when there was none. */
  killWorker(at?: number): Promise<boolean>;
  stop(): Promise<number | null>;
}

/** Starts the product and resolves when it takes requests; rejects with its output when it does not. */
export async function startApp(options: AppOptions = {}): Promise<RunningApp> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "tracklayer-app-"));
  const assembly = options.synthesises ? [] : ["--assembly", await assemblyOf(options.config)];
  const given = [...assembly, ...(options.args ?? [])];
  const args = ["bin/local.ts", "--directory", directory, "--port", "0", "--all-logs", ...given];
  const preload = options.disturbable ? ["--import", new URL("./disturbed-process.ts", import.meta.url).href] : [];
  const child = spawn(process.execPath, [...preload, ...args], {
    cwd: root,
    env: {
      ...process.env,
      NODE_OPTIONS: "",
      ...(options.config ? { TRACKLAYER_CONFIG: options.config } : {}),
      TEST_CLOCK_AHEAD_MS: String(options.clockAheadMs ?? 0),
    },
    stdio: ["ignore", "pipe", "pipe", ...(options.disturbable ? (["ipc"] as const) : [])],
  });
  let printed = "";
  const collect = (chunk: Buffer) => {
    printed += chunk.toString("utf8");
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  await ready(child, () => printed);
  const state = readLocalState(directory);
  const env = options.config ? { TRACKLAYER_CONFIG: resolve(root, options.config) } : {};
  const tryTool = (...words: string[]) =>
    runNode([LAUNCHER, ...words, "--directory", directory], { cwd: directory, env });
  const trace = (eventId: string) => tracedBy(tryTool, eventId);
  return {
    ...state,
    ...callsTo(state),
    pid: child.pid ?? 0,
    directory,
    output: () => printed,
    memoryMb: async () => residentMb(child.pid ?? 0),
    tryTool,
    async tool(...words) {
      const ended = await tryTool(...words);
      if (ended.code !== 0) throw new Error(`${words.join(" ")} ended with ${ended.code}:\n${ended.stderr}`);
      return ended;
    },
    trace,
    story: async (eventId) => (await trace(eventId)).events[0],
    advanceClock: async (ms) => {
      const { nowMs } = await disturb(child, { id: randomUUID(), advanceMs: ms });
      // A long poll waits in real time; being counted makes a queue look at the clock.
      await fetch(`${state.gatewayUrl}/_local/alarms/evaluate`, { method: "POST" });
      return nowMs;
    },
    killWorker: async (at = Math.random()) => (await disturb(child, { id: randomUUID(), kill: at })).killed > 0,
    stop: async () => {
      const code = await stop(child);
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
      return code;
    },
  };
}

function ready(child: ChildProcess, printed: () => string): Promise<void> {
  return new Promise((done, fail) => {
    child.once("exit", (code) => fail(new Error(`the app ended with ${code} before it was ready:\n${printed()}`)));
    child.stdout?.on("data", () => {
      if (/^ready\b/m.test(printed())) done();
    });
  });
}

function disturb(child: ChildProcess, order: Disturbance): Promise<Disturbed> {
  if (!child.connected) throw new Error("start the app with `disturbable`");
  return new Promise((done) => {
    const listen = (message: unknown) => {
      const answer = message as Disturbed;
      if (answer.id !== order.id) return;
      child.off("message", listen);
      done(answer);
    };
    child.on("message", listen);
    child.send(order);
  });
}

async function residentMb(pid: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** What the command line tool says. Asked again when the API does not answer: tests kill its workers too. */
async function tracedBy(tryTool: RunningApp["tryTool"], eventId: string): Promise<EventStories> {
  for (let tries = 1; ; tries += 1) {
    const { code, stdout, stderr } = await tryTool("trace", eventId, "--json");
    if (stdout !== "") return JSON.parse(stdout) as EventStories;
    if (code !== EXIT.unreachable || tries === 3) throw new Error(`trace ${eventId} ended with ${code}:\n${stderr}`);
  }
}

function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((done) => {
    child.once("exit", (code) => done(code));
    child.kill("SIGINT");
  });
}

/** For one test or hook of an end-to-end test: so long that `eventually` gives up before it, and says what it waited for. */
export const E2E_TEST_MS = 5 * MINUTE_MS;

/**
 * Polls until the condition gives something. The condition tells how far it is, if it knows: as long as that changes, a
 * busy machine has all the time it needs. Throws what it was waiting for when nothing has changed for `withinMs`.
 */
export async function eventually<T>(
  what: string,
  condition: (tell: (soFar: string | number) => void) => Promise<T | undefined | false>,
  withinMs = MINUTE_MS,
): Promise<T> {
  let deadline = Date.now() + withinMs;
  let last: string | number | undefined;
  const tell = (soFar: string | number) => {
    if (soFar !== last) deadline = Date.now() + withinMs;
    last = soFar;
  };
  for (;;) {
    const value = await condition(tell);
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) {
      throw new Error(`waited ${withinMs} ms for ${what}${last === undefined ? "" : `; so far: ${last}`}`);
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
}
