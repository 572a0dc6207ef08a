import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { promisify } from "node:util";

// Each test starts processes, on a machine that may be busy.
const PROCESS_MS = 60_000;
const LAUNCHER = resolve(import.meta.dirname, "../../../bin/tracklayer.js");

async function start(nodeOptions: readonly string[], ...words: string[]) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...nodeOptions, LAUNCHER, ...words], {
      cwd: tmpdir(),
      env,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test(
  "a node that reads no TypeScript hands over to the checkout's own, with words and exit codes",
  async () => {
    const older = "--no-experimental-strip-types";
    const [help, wrong, plain] = await Promise.all([
      start([older], "--help"),
      start([older], "evnts"),
      start([], "--help"),
    ]);
    expect(help).toEqual({ code: 0, stdout: expect.stringMatching(/^Usage: tracklayer /), stderr: "" });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean events?") });
    expect(plain).toEqual(help);
  },
  PROCESS_MS,
);

test(
  "into a pipe there are no colours, and no stack trace in an error",
  async () => {
    const { code, stdout, stderr } = await start([], "trace", "x");
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toBe(
      "No local stack is running here: start one with `npm start`. For a deployed stack: --stack, or --url with TRACKLAYER_OPS_KEY.\n",
    );
  },
  PROCESS_MS,
);
