import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { MINUTE_MS, SECOND_MS } from "../src/core/durations.ts";

const FILE = "running.json";

/** A start takes some seconds, on a slow machine a minute; until then no port answers. */
const START_MS = 5 * MINUTE_MS;

const ANSWER_MS = 2 * SECOND_MS;

/** A local stack that works in a folder. */
export interface RunningStack {
  readonly pid: number;
  /** Epoch ms. */
  readonly started_at: number;
  /** Of its ingest API; absent while it starts. */
  readonly url?: string;
}

/**
 * Takes a folder for this process, and answers who has it already. What a stack left that crashed, was killed or whose
 * machine went down counts for nothing: its process is gone, or its number is another program's and its port is silent.
 */
export async function takeFolder(folder: string, now: number): Promise<RunningStack | undefined> {
  mkdirSync(folder, { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, started_at: now } satisfies RunningStack);
  try {
    // Of two that start at once, one makes the file.
    writeFileSync(join(folder, FILE), mine, { flag: "wx" });
    return undefined;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  }
  const other = readRunning(folder);
  if (other !== undefined && (await isRunning(other, now))) return other;
  replace(folder, mine);
  return undefined;
}

/** Says where the stack that has the folder answers. */
export function tellUrl(folder: string, url: string, now: number): void {
  replace(folder, JSON.stringify({ pid: process.pid, started_at: now, url } satisfies RunningStack));
}

/** Gives a folder back, unless another process has it. */
export function leaveFolder(folder: string): void {
  if (readRunning(folder)?.pid === process.pid) rmSync(join(folder, FILE), { force: true });
}

/** Nobody reads half a file. */
function replace(folder: string, text: string): void {
  const draft = join(folder, `${FILE}.${process.pid}.tmp`);
  writeFileSync(draft, text);
  renameSync(draft, join(folder, FILE));
}

function readRunning(folder: string): RunningStack | undefined {
  try {
    const { pid, started_at, url } = JSON.parse(readFileSync(join(folder, FILE), "utf8")) as Partial<RunningStack>;
    if (!Number.isSafeInteger(pid) || pid === undefined || pid < 1 || typeof started_at !== "number") return undefined;
    return { pid, started_at, ...(typeof url === "string" ? { url } : {}) };
  } catch {
    return undefined;
  }
}

async function isRunning({ pid, started_at, url }: RunningStack, now: number): Promise<boolean> {
  if (pid === process.pid || !isAlive(pid)) return false;
  return url === undefined ? now - started_at < START_MS : answers(url);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one all the same.
    return (error as { code?: unknown }).code === "EPERM";
  }
}

function answers(url: string): Promise<boolean> {
  if (!URL.canParse(url)) return Promise.resolve(false);
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: ANSWER_MS });
    const end = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", end(true)).once("timeout", end(false)).once("error", end(false));
  });
}
