/**
 * `npm start`: the whole product on this machine. Synthesises the CDK app, runs the synthesised template, puts the
 * sandbox where the platforms would be, and tells what happens to each event.
 *
 *   --port 4700         port of the ingest API (0: any free one)
 *   --directory DIR     keys, secrets and state (default .tracklayer)
 *   --data-dir DIR      keep tables and queues between runs (default: in memory)
 *   --all-logs          print every log line of every function in place of the live view
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startLocalStack } from "../packages/local-stack/src/local-stack.ts";
import { startSandbox } from "../packages/sandbox/src/server.ts";
import { loadConfig } from "./load-config.ts";
import { fillDestinationSecrets, readSecret } from "./local-secrets.ts";
import { LOCAL_DIRECTORY, writeLocalState } from "./local-state.ts";
import { createLiveView } from "./local-view.ts";

const { values: flags } = parseArgs({
  options: {
    port: { type: "string", default: "4700" },
    directory: { type: "string", default: LOCAL_DIRECTORY },
    "data-dir": { type: "string" },
    "all-logs": { type: "boolean", default: false },
  },
});
const root = resolve(import.meta.dirname, "..");
const directory = resolve(flags.directory);
const started = performance.now();

function progress(line: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${line}`);
}

/** Runs the CDK app as the CDK CLI would; the assembly lands in `outDir`. */
function synthesise(outDir: string): Promise<void> {
  const child = spawn(process.execPath, ["bin/app.ts"], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: outDir },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString("utf8");
  });
  return new Promise((done, fail) => {
    child.once("exit", (code) => (code === 0 ? done() : fail(new Error(`synthesis failed:\n${complaint}`))));
  });
}

async function main(): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const cdkOutDir = join(directory, "cdk.out");
  const secretsFile = join(directory, "secrets.json");
  const config = await loadConfig();

  progress("synthesising the CDK app and bundling the functions");
  await synthesise(cdkOutDir);

  const view = createLiveView({ allLogs: flags["all-logs"], print: (line) => console.log(line) });
  const sandbox = await startSandbox();
  progress(`the sandbox stands in for the platforms at ${sandbox.url}/_sandbox/`);
  await fillDestinationSecrets(config, secretsFile, sandbox);

  const stack = await startLocalStack({
    cdkOutDir,
    secretsFile,
    outboundUrl: sandbox.url,
    httpPort: Number(flags.port),
    ...(flags["data-dir"] === undefined ? {} : { dataDir: resolve(flags["data-dir"]) }),
    // Threads beyond the processors only cost memory.
    maxEnvironments: Math.max(2, availableParallelism()),
    onProgress: progress,
    onLog: view.log,
    onAlarm: view.alarm,
  });

  const keys = Object.fromEntries(
    config.sources.map((source) => [source.id, readSecret(secretsFile, source.keySecretName).key ?? ""]),
  );
  const table = (name: "delivery" | "identity") =>
    stack.model.tables.find((candidate) => candidate.logicalId.toLowerCase().includes(name))?.name ?? "";
  writeLocalState(
    {
      apiUrl: stack.apiUrl(),
      gatewayUrl: stack.gatewayUrl,
      region: stack.model.region,
      credentials: stack.operatorCredentials,
      tables: { delivery: table("delivery"), identity: table("identity") },
      stackOutputs: { ...stack.model.outputs },
      keys,
      sandboxUrl: sandbox.url,
    },
    directory,
  );
  console.log(view.welcome({ apiUrl: stack.apiUrl(), keys, sources: config.sources, sandboxUrl: sandbox.url }));

  // Once now and not only at the next full hour: the heartbeat's alarm has something to hear.
  for (const schedule of stack.model.schedules) void stack.runSchedule(schedule.name);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    console.log("stopping");
    await stack.stop();
    await sandbox.stop();
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
}

await main();
