/**
 * Runs every check of the project, one after the other, and ends with what failed and `N passed, N failed`: the tests
 * that jest ran plus one for each of the other checks. Exits 1 when anything failed.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FailedStep, failureLines, type JestReport } from "./check-failures.ts";

const scratch = mkdtempSync(join(tmpdir(), "tracklayer-check-"));
const jestReport = join(scratch, "jest.json");
const failures: FailedStep[] = [];
let passed = 0;
let failed = 0;

/** Runs an npm script, with its output shown as it comes. */
async function run(label: string, args: readonly string[]): Promise<{ isWell: boolean; output: string }> {
  const started = performance.now();
  console.log(`\n▸ ${label}`);
  // What is piped loses its colours on a terminal, unless told to keep them.
  const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: "1" } : process.env;
  const child = spawn("npm", ["run", "--silent", ...args], { env, stdio: ["inherit", "pipe", "pipe"] });
  let output = "";
  const show = (to: NodeJS.WriteStream) => (chunk: Buffer) => {
    to.write(chunk);
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", show(process.stdout));
  child.stderr.on("data", show(process.stderr));
  const isWell = await new Promise<boolean>((done) => {
    child.once("error", (error) => {
      output += String(error);
      done(false);
    });
    child.once("close", (status) => done(status === 0));
  });
  console.log(`${isWell ? "✓" : "✗"} ${label} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return { isWell, output };
}

async function runCheck(label: string): Promise<void> {
  const { isWell, output } = await run(label, [label]);
  if (isWell) passed += 1;
  else {
    failed += 1;
    failures.push({ kind: "output", label, output });
  }
}

async function runTests(label: string, args: readonly string[]): Promise<void> {
  const { isWell } = await run(label, ["jest", "--", "--json", `--outputFile=${jestReport}`, ...args]);
  const report = takeReport();
  const broken = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  passed += report?.numPassedTests ?? 0;
  // Jest that dies before it can report, or fails without a test that did, is a failure of its own.
  failed += report === undefined || (!isWell && broken === 0) ? 1 : broken;
  if (!isWell || broken > 0 || report === undefined) failures.push({ kind: "tests", label, report });
}

function takeReport(): JestReport | undefined {
  try {
    const report = JSON.parse(readFileSync(jestReport, "utf8")) as JestReport;
    rmSync(jestReport);
    return report;
  } catch {
    return undefined;
  }
}

for (const script of ["lint", "types", "unused"]) await runCheck(script);

// Jest keeps the modules of every file that a worker ran, the CDK's among them: without a limit the later files of a
// run spend most of their time on collecting garbage.
const limited = "--workerIdleMemoryLimit=700MB";
await runTests("tests", ["--maxWorkers=100%", limited, "--testPathIgnorePatterns=test/e2e/"]);
// Running stacks want the processors to themselves. They wait more than they work, so two are enough for any number.
await runTests("end to end", ["--maxWorkers=2", limited, "test/e2e/"]);
rmSync(scratch, { recursive: true, force: true });

for (const line of failureLines(failures, process.cwd())) console.log(line);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
