import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Sandbox, startSandbox } from "../../packages/sandbox/src/server.ts";
import { type RunningApp, startApp } from "./running-app.ts";

/** The product over many hours and more than one deployment, with platforms that outlive each of them. */
export interface LongRun {
  readonly sandbox: Sandbox;
  app(): RunningApp;
  /** Epoch ms, as app and platforms have it. */
  now(): number;
  /** Lets time pass for both. */
  pass(ms: number): Promise<void>;
  /** Ends the app and starts it with another configuration on the data of the one before. */
  redeploy(config: string): Promise<void>;
  /** A path of the gateway below `/_local/`. */
  local<Answer>(method: string, path: string, body?: object): Promise<Answer>;
  ops<Answer>(method: "GET" | "POST", path: string, body?: object): Promise<Answer>;
  /** Runs a function, by the end of its name, and gives what it returned. */
  invoke(name: string): Promise<unknown>;
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
  const name = (end: string) => `tracklayer-development-${end}`;
  const access = () => ({ endpoint: app.gatewayUrl, region: app.region, credentials: app.credentials });

  async function local<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const request = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${app.gatewayUrl}/_local/${path}`, request);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  return {
    sandbox,
    app: () => app,
    now,
    local,
    async pass(ms) {
      // What queues did until now is to be counted in the time in which they did it.
      await local("POST", "alarms/evaluate");
      aheadMs += ms;
      await app.advanceClock(ms);
    },
    async redeploy(file) {
      const code = await app.stop();
      if (code !== 0) throw new Error(`the app ended with ${code}:\n${app.output().slice(-2_000)}`);
      app = await start(file);
    },
    ops: (...request) => app.ops(...request),
    async invoke(end) {
      const { FunctionError, Payload } = await new LambdaClient(access()).send(
        new InvokeCommand({ FunctionName: name(end) }),
      );
      const payload: unknown = JSON.parse(Buffer.from(Payload ?? []).toString("utf8"));
      if (FunctionError !== undefined) throw new Error(`${end} failed: ${JSON.stringify(payload)}`);
      return payload;
    },
    async isPolled(lane) {
      const { EventSourceMappings = [] } = await new LambdaClient(access()).send(
        new ListEventSourceMappingsCommand({ FunctionName: name(`deliver-${lane}`) }),
      );
      return EventSourceMappings.some(({ State }) => State === "Enabled");
    },
    async putSecret(secret, value) {
      const command = new PutSecretValueCommand({ SecretId: secret, SecretString: JSON.stringify(value) });
      await new SecretsManagerClient(access()).send(command);
    },
    async stop() {
      await app.stop();
      await sandbox.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
