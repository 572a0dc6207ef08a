import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { JestReport } from "../../scripts/check-failures.ts";
import { runNode } from "../support/node-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "check-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What each npm script does in place of its work. */
interface Steps {
  readonly lint?: string;
  readonly types?: string;
  readonly unused?: string;
  /** A report by which part of the tests it is of; none: jest dies. */
  readonly jest?: (isEndToEnd: boolean) => JestReport | undefined;
}

/** Runs the checks with an `npm` of our own on the path: a step that is given prints its text and fails. */
async function check(steps: Steps) {
  const reports = [false, true].map((isEndToEnd) => steps.jest?.(isEndToEnd));
  const npm = `#!${process.execPath}
    const [, , , , step, ...args] = process.argv;
    const texts = ${JSON.stringify({ lint: steps.lint, types: steps.types, unused: steps.unused })};
    if (step !== "jest") {
      process.stdout.write(texts[step] ?? "fine\\n");
      process.exit(texts[step] === undefined ? 0 : 1);
    }
    const report = ${JSON.stringify(reports)}[args.includes("test/e2e/") ? 1 : 0];
    console.log("jest ran");
    if (report === null) process.exit(1);
    const file = args.find((it) => it.startsWith("--outputFile=")).slice("--outputFile=".length);
    require("node:fs").writeFileSync(file, JSON.stringify(report));
    process.exit(report.numFailedTests + report.numRuntimeErrorTestSuites > 0 ? 1 : 0);`;
  writeFileSync(join(folder, "npm"), npm);
  chmodSync(join(folder, "npm"), 0o755);
  const PATH = `${folder}:${process.env.PATH}`;
  const { code, stdout } = await runNode([join(ROOT, "scripts/check.ts")], { cwd: folder, env: { PATH } });
  return { code, lines: stdout.trimEnd().split("\n") };
}

function report(passed: number, files: JestReport["testResults"] = []): JestReport {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  return {
    numPassedTests: passed,
    numFailedTests: tests.filter(({ status }) => status === "failed").length,
    numRuntimeErrorTestSuites: files.filter(({ assertionResults }) => assertionResults.length === 0).length,
    testResults: files,
  };
}

function file(name: string, failed: readonly string[], message = ""): JestReport["testResults"][number] {
  const assertionResults = failed.map((title) => ({ status: "failed", ancestorTitles: ["a lane"], title }));
  return { name: join(folder, name), status: "failed", message, assertionResults };
}

test("ends with the counts alone when all is well", async () => {
  const { code, lines } = await check({ jest: (isEndToEnd) => report(isEndToEnd ? 5 : 10) });
  expect(code).toBe(0);
  expect(lines.slice(-2)).toEqual(["", "18 passed, 0 failed"]);
  expect(lines.join("\n")).not.toContain("Failed");
});

test("names every failed step, file and test right above the counts, and repeats what the cheap steps said", async () => {
  const well = { name: join(folder, "test/core/good.test.ts"), status: "passed", message: "", assertionResults: [] };
  const { code, lines } = await check({
    lint: "bin/a.ts:1 \u001b[31mlint/suspicious\u001b[39m\n\n",
    unused: Array.from({ length: 60 }, (_, n) => `export ${n}`).join("\n"),
    jest: (isEndToEnd) =>
      isEndToEnd
        ? report(4, [file("test/e2e/ops.test.ts", ["answers", "is closed"])])
        : {
            ...report(10, [file("test/core/x.test.ts", [], "SyntaxError: no\n  at x")]),
            testResults: [well, file("test/core/x.test.ts", [], "SyntaxError: no\n  at x")],
          },
  });
  expect(code).toBe(1);
  const end = lines.slice(lines.lastIndexOf("✗ lint"));
  expect(end).toEqual([
    "✗ lint",
    "  bin/a.ts:1 lint/suspicious",
    "",
    "✗ unused",
    ...Array.from({ length: 40 }, (_, n) => `  export ${n + 20}`),
    "",
    "✗ tests",
    "  test/core/x.test.ts",
    "    SyntaxError: no",
    "      at x",
    "",
    "✗ end to end",
    "  test/e2e/ops.test.ts",
    "    ✗ a lane › answers",
    "    ✗ a lane › is closed",
    "",
    "Failed: lint, unused, tests, end to end",
    "",
    "15 passed, 5 failed",
  ]);
});

test("many failures of one file do not push the others off the end", async () => {
  const names = Array.from({ length: 30 }, (_, n) => `test ${n}`);
  const { lines } = await check({ jest: (isEndToEnd) => report(1, isEndToEnd ? [] : [file("test/a.test.ts", names)]) });
  expect(lines.slice(-5)).toEqual(["    and 10 more", "", "Failed: tests", "", "5 passed, 30 failed"]);
});

test("jest that dies is a failure of its own, and says so", async () => {
  const { code, lines } = await check({ jest: (isEndToEnd) => (isEndToEnd ? undefined : report(7)) });
  expect(code).toBe(1);
  expect(lines.slice(-6)).toEqual([
    "✗ end to end",
    "  jest ended before it could tell which tests passed",
    "",
    "Failed: end to end",
    "",
    "10 passed, 1 failed",
  ]);
});
