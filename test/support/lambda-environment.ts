import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A configuration as the stack ships it, of an account in which nothing is configured; the parts that a test names are its own. */
const NOTHING_CONFIGURED = {
  environment: "test",
  sources: [],
  destinations: [],
  consent: {},
  delivery: {},
  retention: {},
  logs: { eventShare: 0 },
  ingest: {},
};

/**
 * Puts this process where a λ runs: the configuration beside its bundle, credentials, a region and the variables that
 * the stack sets. What comes back puts everything as it was; call it in `afterAll`.
 */
export function enterLambda(config: object, variables: Readonly<Record<string, string>>): () => void {
  const root = mkdtempSync(join(tmpdir(), "tracklayer-lambda-"));
  writeFileSync(join(root, "config.json"), JSON.stringify({ ...NOTHING_CONFIGURED, ...config }));
  const before = { ...process.env };
  Object.assign(process.env, {
    LAMBDA_TASK_ROOT: root,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    ...variables,
  });
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(root, { recursive: true });
  };
}
