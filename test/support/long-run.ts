import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Sandbox, startSandbox } from "../../packages/sandbox/src/server.ts";
import type { AppCalls } from "./app-calls.ts";
import { type RunningApp, startApp } from "./running-app.ts";

/** The product over many hours and more than one deployment, with platforms that outlive each of them. */
export interface LongRun extends Pick<AppCalls, "invoke" | "local" | "ops"> {
  readonly sandbox: Sandbox;
  app(): RunningApp;
  /** Epoch ms, as app and platforms have it. */
  now(): number;
  /** Lets time pass for both. */
  pass(ms: number): Promise<void>;
  /** Ends the app and starts it with another configuration on the data of the one before. */
  redeploy(config: string): Promise<void>;
  /** Whether the lane's queue is polled. */
  isPolled(lane: string): Promise<boolean>;
  putSecret(name: string, value: object): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it. `directory` in the answer's app holds all that lasts. */
export async function startLongRun(config: string): Promise<LongRun> {
  const directory = mkdtempSync(join(tmpdir(), "tracklayer-run-"));
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const sandbox = await startSandbox({ now, keepEvents: 50_000 });
  const start = (file: string) =>
    startApp({
      config: file,
      directory,
      disturbable: true,
      clockAheadMs: aheadMs,
      args: ["--sandbox", sandbox.url, "--data-dir", join(directory, "data")],
    });
  let app = await start(config);
  return {
    sandbox,
    app: () => app,
    now,
    async pass(ms) {
      // What queues did until now is to be counted in the time in which they did it.
      await app.local("POST", "alarms/evaluate");
      aheadMs += ms;
      await app.advanceClock(ms);
    },
    async redeploy(file) {
      const code = await app.stop();
      if (code !== 0) throw new Error(`the app ended with ${code}:\n${app.output().slice(-2_000)}`);
      app = await start(file);
    },
    invoke: (...request) => app.invoke(...request),
    local: (...request) => app.local(...request),
    ops: (...request) => app.ops(...request),
    async isPolled(lane) {
      const { EventSourceMappings = [] } = await new LambdaClient(app.access).send(
        new ListEventSourceMappingsCommand({ FunctionName: `tracklayer-development-deliver-${lane}` }),
      );
      return EventSourceMappings.some(({ State }) => State === "Enabled");
    },
    async putSecret(secret, value) {
      const command = new PutSecretValueCommand({ SecretId: secret, SecretString: JSON.stringify(value) });
      await new SecretsManagerClient(app.access).send(command);
    },
    async stop() {
      await app.stop();
      await sandbox.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
