import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** As much of jest's `--json` report as is read. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    /** Absolute path of the file. */
    readonly name: string;
    readonly status: string;
    /** Why a file could not be run at all. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly ancestorTitles: readonly string[];
      readonly title: string;
    }[];
  }[];
}

/** A step that failed. `report` is missing where jest died before it could write one, `output` is of other steps. */
export type FailedStep = { readonly label: string } & (
  | { readonly kind: "output"; readonly output: string }
  | { readonly kind: "tests"; readonly report: JestReport | undefined }
);

/** Lines of a step's own output that are shown again. */
const OUTPUT_LINES = 40;
/** Whatever broke so many tests is one thing, and what else is said here must not be pushed off the screen by it. */
const TESTS_PER_FILE = 20;
/** Lines of what kept a file from running. */
const REASON_LINES = 6;

/** What failed, for the end of an output of which often only the end is shown. */
export function failureLines(steps: readonly FailedStep[], root: string): string[] {
  if (steps.length === 0) return [];
  return [...steps.flatMap((step) => ["", ...stepLines(step, root)]), "", `Failed: ${steps.map(labelOf).join(", ")}`];
}

function labelOf({ label }: FailedStep): string {
  return label;
}

function stepLines(step: FailedStep, root: string): string[] {
  if (step.kind === "tests") return [`✗ ${step.label}`, ...testLines(step.report, root)];
  return [`✗ ${step.label}`, ...lastLines(step.output, OUTPUT_LINES).map((line) => `  ${line}`)];
}

function testLines(report: JestReport | undefined, root: string): string[] {
  if (report === undefined) return ["  jest ended before it could tell which tests passed"];
  const files = report.testResults.filter(({ status }) => status === "failed");
  if (files.length === 0) return ["  jest failed, and no test did: what it printed says why"];
  return files.flatMap((file) => [`  ${relative(root, file.name)}`, ...fileLines(file)]);
}

function fileLines({ assertionResults, message }: JestReport["testResults"][number]): string[] {
  const failed = assertionResults.filter(({ status }) => status === "failed");
  if (failed.length === 0) return firstLines(message, REASON_LINES).map((line) => `    ${line}`);
  const named = failed.slice(0, TESTS_PER_FILE).map((it) => `    ✗ ${[...it.ancestorTitles, it.title].join(" › ")}`);
  const more = failed.length - named.length;
  return more === 0 ? named : [...named, `    and ${more} more`];
}

function firstLines(text: string, most: number): string[] {
  return linesOf(text).slice(0, most);
}

function lastLines(text: string, most: number): string[] {
  return linesOf(text).slice(-most);
}

function linesOf(text: string): string[] {
  return stripVTControlCharacters(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}
