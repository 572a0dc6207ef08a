import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { idProblem, namesOf, newDestination } from "../../scripts/new-destination.ts";
import { runNode } from "../support/node-process.ts";

// Starts a compiler and a test run of its own, on a machine that may be busy.
const PROCESS_MS = 120_000;

const root = resolve(import.meta.dirname, "../..");
const COPIED = ["bench", "bin", "docs", "lambdas", "lib", "packages", "scripts", "src", "test", "jest.config.mjs"];
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "new-destination-"));
  for (const path of [...COPIED, "package.json", "tracklayer.config.ts", "tsconfig.json"]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const run = (...args: string[]) => runNode(args, { cwd: copy });

test.each([
  "",
  "Big",
  "big_bird",
  "-bird",
  "bird-",
  "big--bird",
  "1bird",
  "a/b",
  "../x",
  "b".repeat(25),
  "registry",
  "class",
])("%j is no id", (id) => {
  expect(idProblem(id)).toEqual(expect.any(String));
});

test("an id is spelled as each place wants it", () => {
  expect(idProblem("big-bird2")).toBeUndefined();
  expect(namesOf("big-bird2")).toEqual({ id: "big-bird2", camel: "bigBird2", title: "Big Bird2" });
});

test("a list that is not where it was is named, and nothing is guessed", () => {
  expect(() => newDestination("bird", () => "export {};\n")).toThrow("src/destinations/registry.ts");
});

test(
  "the skeleton compiles, is in every list, and its contract tests fail with what is missing",
  async () => {
    const made = await run("scripts/new-destination.ts", "big-bird");
    expect([made.code, made.stderr]).toEqual([0, ""]);
    expect(made.stdout).toContain("new      src/destinations/big-bird.ts");

    const types = await run("node_modules/typescript/bin/tsc", "-p", ".");
    expect(types.stdout.split("\n").filter((line) => /big-?bird/i.test(line))).toEqual([]);

    const explanations = readFileSync(join(copy, "src/explanations/registry.ts"), "utf8");
    expect(explanations).toContain('import { BIG_BIRD } from "./big-bird.ts";\n');
    expect(explanations).toContain('\n  "big-bird": BIG_BIRD,\n');

    const jest = ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--json", "-t", "big-bird"];
    const report = await run(...jest, "test/destinations/contract.test.ts");
    const { testResults } = JSON.parse(report.stdout) as {
      testResults: { assertionResults: { fullName: string; status: string }[] }[];
    };
    const cases = testResults.flatMap(({ assertionResults }) => assertionResults);
    const goldens = Object.keys(newDestination("other", (path) => readFileSync(join(root, path), "utf8")).made)
      .filter((path) => path.endsWith(".json"))
      .map((path) => `big-bird ${path.split("/").at(-1)?.replace(".json", "")}`);
    expect(goldens).toHaveLength(14);
    const failed = cases.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
    expect(failed).toEqual(expect.arrayContaining(goldens));
    // The declaration itself is whole: its limits, its golden list and its preview pass.
    const passed = cases.filter(({ status }) => status === "passed").map(({ fullName }) => fullName);
    expect(passed).toEqual(
      expect.arrayContaining(["big-bird has a golden for everything that every destination meets"]),
    );
  },
  PROCESS_MS,
);

test(
  "what is there is never overwritten, and a wrong id changes nothing",
  async () => {
    const before = readFileSync(join(copy, "src/destinations/registry.ts"), "utf8");
    const [again, wrong, none] = await Promise.all([
      run("scripts/new-destination.ts", "meta"),
      run("scripts/new-destination.ts", "Meta"),
      run("scripts/new-destination.ts"),
    ]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("meta is there already") });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("lower-case letters") });
    expect(none).toMatchObject({ code: 2, stderr: "Usage: npm run new:destination <id>\n" });
    expect(readFileSync(join(copy, "src/destinations/registry.ts"), "utf8")).toBe(before);
  },
  PROCESS_MS,
);
