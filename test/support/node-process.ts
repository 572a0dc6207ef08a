import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { promisify } from "node:util";

/** The command line tool, as a person starts it. */
export const LAUNCHER = resolve(import.meta.dirname, "../../bin/tracklayer.js");

/** How a process ended, and all that it printed. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_BYTES = 100_000_000;

/**
 * Runs this Node with these arguments to its end, whatever its exit code is; rejects only when it could not be started
 * or was killed. It does not inherit the flags that jest needs.
 */
export async function runNode(
  args: readonly string[],
  { cwd = tmpdir(), env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const options = { cwd, env: { ...inherited, ...env }, maxBuffer: MOST_BYTES };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, args, options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout: string; stderr: string };
    if (typeof code !== "number") throw error;
    return { code, stdout, stderr };
  }
}
