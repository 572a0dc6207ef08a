import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const COMMAND = join(import.meta.dirname, "simulate.ts");
/** Processes at once: one for each core of the smallest machine that runs the tests. */
const AT_ONCE = 2;
/** Bytes: every seed failing, with a sentence each, is less. */
const LONGEST_ANSWER = 16_000_000;

const running = promisify(execFile);
const waiting: (() => void)[] = [];
let free = AT_ONCE;

/**
 * What `simulate.ts` answers to these arguments with `--json`, from a process of its own: jest's loader has no hooks
 * to change a module with, and its workers get slow with all that they keep in memory. Rejects with what the process
 * said when it answered nothing.
 */
export async function simulated<Answer>(...args: readonly string[]): Promise<Answer> {
  await turn();
  try {
    // It exits 1 when a promise was broken, and answers all the same.
    const command = [COMMAND, ...args, "--json"];
    const { stdout, stderr } = await running(process.execPath, command, { maxBuffer: LONGEST_ANSWER }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    if (stdout === "") throw new Error(`simulate ${args.join(" ")} answered nothing: ${stderr}`);
    return JSON.parse(stdout) as Answer;
  } finally {
    free += 1;
    waiting.shift()?.();
  }
}

async function turn(): Promise<void> {
  while (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  free -= 1;
}
