import { LAUNCHER, runNode } from "../../support/node-process.ts";

// Each test starts processes, on a machine that may be busy.
const PROCESS_MS = 60_000;

test(
  "a node that reads no TypeScript hands over to the checkout's own, with words and exit codes",
  async () => {
    const older = "--no-experimental-strip-types";
    const [help, wrong, plain] = await Promise.all([
      runNode([older, LAUNCHER, "--help"]),
      runNode([older, LAUNCHER, "evnts"]),
      runNode([LAUNCHER, "--help"]),
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
    const { code, stdout, stderr } = await runNode([LAUNCHER, "trace", "x"]);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toBe(
      "No local stack is running here: start one with `npm start`. For a deployed stack: --stack, or --url with TRACKLAYER_OPS_KEY.\n",
    );
  },
  PROCESS_MS,
);
