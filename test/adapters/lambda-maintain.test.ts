import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMaintainHandler } from "../../src/adapters/lambda-maintain.ts";

const CONFIG = {
  environment: "test",
  sources: [],
  destinations: [],
  consent: {},
  delivery: {},
  retention: {},
  logs: { eventShare: 0 },
  ingest: {},
};

const directory = mkdtempSync(join(tmpdir(), "maintain-"));
const environment = { ...process.env };
beforeAll(() => {
  writeFileSync(join(directory, "config.json"), JSON.stringify(CONFIG));
  Object.assign(process.env, { LAMBDA_TASK_ROOT: directory, POWERTOOLS_LOG_LEVEL: "SILENT" });
});
afterAll(() => {
  process.env = environment;
  rmSync(directory, { recursive: true });
});

test("a run with nothing to look after ends well", async () => {
  const handler = createMaintainHandler();
  await expect(handler({}, { getRemainingTimeInMillis: () => 55_000 })).resolves.toBeUndefined();
});
