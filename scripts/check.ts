/**
 * Runs every check of the project, one after the other, and ends with `N passed, N failed`: the tests that jest ran
 * plus one for each of the other checks. Exits 1 when anything failed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const scratch = mkdtempSync(join(tmpdir(), "tracklayer-check-"));
const jestReport = join(scratch, "jest.json");
let passed = 0;
let failed = 0;

function run(label: string, command: string, args: readonly string[]): boolean {
  const started = performance.now();
  console.log(`\n▸ ${label}`);
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  console.log(`${status === 0 ? "✓" : "✗"} ${label} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return status === 0;
}

function runTests(label: string, args: readonly string[]): void {
  const ok = run(label, "npm", ["run", "--silent", "jest", "--", "--json", `--outputFile=${jestReport}`, ...args]);
  try {
    const report = JSON.parse(readFileSync(jestReport, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numRuntimeErrorTestSuites: number;
    };
    rmSync(jestReport);
    passed += report.numPassedTests;
    failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
    if (!ok && report.numFailedTests + report.numRuntimeErrorTestSuites === 0) failed += 1;
  } catch {
    // Jest died before it could report: that is a failure of its own.
    failed += 1;
  }
}

for (const script of ["lint", "types", "unused"]) {
  if (run(script, "npm", ["run", "--silent", script])) passed += 1;
  else failed += 1;
}

// Jest keeps the modules of every file that a worker ran, the CDK's among them: without a limit the later files of a
// run spend most of their time on collecting garbage.
const limited = "--workerIdleMemoryLimit=700MB";
runTests("tests", ["--maxWorkers=100%", limited, "--testPathIgnorePatterns=test/e2e/"]);
// Running stacks want the processors to themselves. They wait more than they work, so two are enough for any number.
runTests("end to end", ["--maxWorkers=2", limited, "test/e2e/"]);
rmSync(scratch, { recursive: true, force: true });

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
