/**
 * `npm start`: the whole product on this machine. Synthesises the CDK app, runs the synthesised template, puts the
 * sandbox where the platforms would be, and tells what happens to each event. `npm start -- --help` names its options.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { startLocalStack } from "../packages/local-stack/src/local-stack.ts";
import { startSandbox } from "../packages/sandbox/src/server.ts";
import { ConfigError } from "../src/config/config-error.ts";
import { loadConfig } from "./load-config.ts";
import { createLocalOpsKey } from "./local-ops-key.ts";
import { fillDestinationSecrets, readSecret } from "./local-secrets.ts";
import { forgetLocalState, LOCAL_DIRECTORY, writeLocalState } from "./local-state.ts";
import { createLiveView } from "./local-view.ts";
import { leaveFolder, type RunningStack, takeFolder, tellUrl } from "./running-stack.ts";
import { sandboxAt } from "./sandbox-at.ts";
import { readOptions } from "./script-options.ts";

const flags = readFlags();
const root = resolve(import.meta.dirname, "..");
const directory = resolve(flags.directory);
const dataDir = flags["data-dir"] === undefined ? undefined : resolve(flags["data-dir"]);
const folders = [...new Set([directory, ...(dataDir === undefined ? [] : [dataDir])])];
const started = performance.now();

function readFlags() {
  const values = readOptions({
    command: "npm start --",
    about: "Runs the whole product on this machine, with a sandbox in place of the platforms.",
    options: {
      port: {
        type: "string",
        default: "4700",
        value: "N",
        from: 0,
        to: 65_535,
        help: "port of the ingest API; 0: any free one",
      },
      directory: { type: "string", default: LOCAL_DIRECTORY, value: "DIR", help: "keys, secrets and state" },
      "data-dir": { type: "string", value: "DIR", help: "keep tables and queues between runs; else in memory" },
      assembly: { type: "string", value: "DIR", help: "run this cloud assembly; else one is synthesised" },
      sandbox: {
        type: "string",
        value: "URL",
        help: "a sandbox that runs already: what the platforms know outlives this run; else one of its own",
      },
      "all-logs": {
        type: "boolean",
        default: false,
        help: "print every log line of every function in place of the live view",
      },
    },
  });
  return { ...values, port: Number(values.port) };
}

/** Ends with the message alone: what is wrong is outside this program, and a stack trace would bury it. */
function giveUp(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** Two stacks in one folder would write over each other's keys and addresses, and tools would talk to the wrong one. */
async function takeFolders(): Promise<void> {
  for (const folder of folders) {
    const other = await takeFolder(folder, Date.now());
    if (other !== undefined) giveUp(new Error(takenBy(other, folder)));
  }
}

function takenBy({ pid, started_at, url }: RunningStack, folder: string): string {
  const where = url === undefined ? "which is starting" : `at ${url}`;
  const since = new Date(started_at).toISOString().slice(0, 16).replace("T", " ");
  return [
    `a local stack has ${folder} already: process ${pid}, ${where}, since ${since} UTC.`,
    `Use that one, or stop it (Ctrl-C where it runs, or kill ${pid}). For a second one beside it, with keys, state and a`,
    "port of its own: npm start -- --directory .tracklayer-2 --port 0",
    "and give the other commands the same --directory. A --data-dir has to be another one, too.",
  ].join("\n");
}

/** Before the work of a start, and before anything of the stack that may be running here is overwritten. */
async function checkPortIsFree(port: number): Promise<void> {
  const probe = createServer().listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch (error) {
    const { code } = error as { code?: string };
    giveUp(
      new Error(
        code === "EADDRINUSE"
          ? `port ${port} is in use, perhaps by another program, or a local stack of another folder. Any free port: npm start -- --port 0`
          : `port ${port} cannot be used: ${code}. Any free port: npm start -- --port 0`,
      ),
    );
  }
  probe.close();
  await once(probe, "close");
}

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
  process.once("exit", () => folders.forEach(leaveFolder));
  await takeFolders();
  const config = await loadConfig();
  // Of two that found what a dead one left and took it at once, the one that wrote first sees the other here.
  await takeFolders();
  await checkPortIsFree(flags.port);
  const cdkOutDir = flags.assembly === undefined ? join(directory, "cdk.out") : resolve(flags.assembly);
  const secretsFile = join(directory, "secrets.json");

  if (flags.assembly === undefined) {
    progress("synthesising the CDK app and bundling the functions");
    await synthesise(cdkOutDir);
  }

  const view = createLiveView({ allLogs: flags["all-logs"], print: (line) => console.log(line) });
  const sandbox = flags.sandbox === undefined ? await startSandbox() : sandboxAt(flags.sandbox);
  progress(`the sandbox stands in for the platforms at ${sandbox.url}/_sandbox/`);
  await fillDestinationSecrets(config, secretsFile, sandbox);

  const stack = await startLocalStack({
    cdkOutDir,
    secretsFile,
    outboundUrl: sandbox.url,
    httpPort: flags.port,
    ...(dataDir === undefined ? {} : { dataDir }),
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
  const access = {
    gatewayUrl: stack.gatewayUrl,
    region: stack.model.region,
    credentials: stack.operatorCredentials,
    tables: { delivery: table("delivery"), identity: table("identity") },
  };
  writeLocalState(
    {
      apiUrl: stack.apiUrl(),
      ...access,
      stackOutputs: { ...stack.model.outputs },
      keys,
      scopes: [...new Set(config.sources.map(({ dedupScope }) => dedupScope))],
      sandboxUrl: sandbox.url,
      opsKey: await createLocalOpsKey(access, Date.now()),
    },
    directory,
  );
  for (const folder of folders) tellUrl(folder, stack.apiUrl(), Date.now());
  console.log(
    view.welcome({
      apiUrl: stack.apiUrl(),
      keys,
      sources: config.sources,
      sandboxUrl: sandbox.url,
      options: flags.directory === LOCAL_DIRECTORY ? "" : ` --directory ${flags.directory}`,
    }),
  );

  // Once now and not only at the next full hour: the heartbeat's alarm has something to hear.
  for (const schedule of stack.model.schedules) void stack.runSchedule(schedule.name);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    console.log("stopping");
    forgetLocalState(stack.apiUrl(), directory);
    await stack.stop();
    await sandbox.stop();
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
}

await main().catch((error: unknown) => {
  if (error instanceof ConfigError) giveUp(error);
  throw error;
});
