import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRuntimeConfig, requireEnv } from "../../src/adapters/runtime-config.ts";

const CONFIG = {
  environment: "test",
  production: false,
  sources: [],
  destinations: [{ id: "meta", settings: { pixelId: "1" } }],
  consent: { defaults: [], honourGpc: true, categories: {} },
  delivery: { retryWindowMs: 1 },
  retention: { deliveryDays: 7 },
  logs: { eventShare: 0 },
  ingest: { rateLimit: 1, burstLimit: 1 },
};

const before = process.env.LAMBDA_TASK_ROOT;

function taskRoot(text?: string): string {
  const root = mkdtempSync(join(tmpdir(), "runtime-config-"));
  if (text !== undefined) writeFileSync(join(root, "config.json"), text);
  process.env.LAMBDA_TASK_ROOT = root;
  return root;
}

afterEach(() => {
  if (before === undefined) delete process.env.LAMBDA_TASK_ROOT;
  else process.env.LAMBDA_TASK_ROOT = before;
});

test("the configuration beside the bundle is read once, and nothing in it can be changed", () => {
  const root = taskRoot(JSON.stringify(CONFIG));
  const config = readRuntimeConfig();
  expect(config).toEqual(CONFIG);
  writeFileSync(join(root, "config.json"), "changed");
  expect(readRuntimeConfig()).toBe(config);
  expect(Object.isFrozen(config.destinations[0]?.settings)).toBe(true);
});

test.each([
  [undefined, "cannot read the configuration"],
  ["{", "is not JSON"],
  ["7", "is not an object"],
  [JSON.stringify({ ...CONFIG, consent: undefined, delivery: undefined }), "lacks consent, delivery"],
])("a file that is %s fails with its path and what is wrong", (text, problem) => {
  const root = taskRoot(text);
  expect(readRuntimeConfig).toThrow(problem);
  expect(readRuntimeConfig).toThrow(join(root, "config.json"));
});

test("a variable that the stack should have set is named when it is not", () => {
  process.env.TRACKLAYER_TEST = "";
  expect(() => requireEnv("TRACKLAYER_TEST")).toThrow("environment variable TRACKLAYER_TEST is not set");
  process.env.TRACKLAYER_TEST = "x";
  expect(requireEnv("TRACKLAYER_TEST")).toBe("x");
  delete process.env.TRACKLAYER_TEST;
});
