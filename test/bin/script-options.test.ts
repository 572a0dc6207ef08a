import { resolve } from "node:path";
import { parseOptions } from "../../bin/script-options.ts";
import { runNode } from "../support/node-process.ts";

// Processes that load the whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(60_000);

const ROOT = resolve(import.meta.dirname, "../..");

const SCRIPT = {
  command: "npm run sail --",
  about: "Sails.",
  options: {
    knots: { type: "string", default: "5", value: "N", from: 1, to: 60, help: "how fast" },
    to: { type: "string", value: "PORT", help: "where" },
    loud: { type: "boolean", default: false, help: "sing" },
  },
} as const;

const HELP = [
  "Usage: npm run sail -- [options]",
  "",
  "Sails.",
  "",
  "  --knots N  how fast (default: 5)",
  "  --to PORT  where",
  "  --loud     sing",
  "  --help     this text",
].join("\n");

test("answers what was given, and what is usual where nothing was", () => {
  expect(parseOptions(SCRIPT, ["--to", "Genoa", "--loud"])).toEqual({
    kind: "given",
    options: { knots: "5", to: "Genoa", loud: true },
  });
});

test.each([[["--help"]], [["-h"]], [["--loud", "--help"]]])("%j shows every option", (args) => {
  expect(parseOptions(SCRIPT, args)).toEqual({ kind: "help", text: HELP });
});

test.each([
  [["--nots", "9"], "Unknown option '--nots'"],
  [["Genoa"], "Unexpected argument 'Genoa'"],
  [["--to"], "Option '--to <value>' argument missing"],
  [["--loud=yes"], "Option '--loud' does not take an argument"],
  [["--knots", "five"], "--knots: a whole number from 1 to 60, got five"],
  [["--knots", "0"], "--knots: a whole number from 1 to 60, got 0"],
  [["--knots", "61"], "--knots: a whole number from 1 to 60, got 61"],
  [["--knots="], "--knots: a whole number from 1 to 60, got nothing"],
])("%j is refused with every option", (args, what) => {
  expect(parseOptions(SCRIPT, args)).toEqual({ kind: "wrong", text: `${what}\n\n${HELP}` });
});

test.each([
  ["npm start", "bin/local.ts", "--data-dir"],
  ["npm run demo", "bin/demo.ts", "--shoppers"],
  ["npm run bench", "bench/run.ts", "--graph"],
  ["npm run fuzz", "test/fuzz/fuzz.ts", "--requests"],
  ["npm run simulate", "test/simulation/simulate.ts", "--scenario"],
])(
  "%s -- --help names its options and does nothing else; one that it does not know ends it",
  async (command, script, option) => {
    const [help, wrong] = await Promise.all([
      runNode([script, "--help"], { cwd: ROOT }),
      runNode([script, "--no-such-option"], { cwd: ROOT }),
    ]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout.split("\n")[0]).toBe(`Usage: ${command} -- [options]`);
    expect(help.stdout).toContain(option);
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toBe(`Unknown option '--no-such-option'\n\n${help.stdout}`);
  },
);
