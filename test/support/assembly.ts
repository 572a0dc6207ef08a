import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { HOUR_MS } from "../../src/core/durations.ts";

const root = resolve(import.meta.dirname, "../..");
const CACHE = join(root, "node_modules/.cache/tracklayer-assemblies");
/** All that the CDK app reads; a configuration may take in another one. */
const READ = ["bin", "lambdas", "lib", "src", "test/support", "tracklayer.config.ts", "package-lock.json"];

/**
 * The directory of the cloud assembly that the CDK app makes with this config file. Made once for one state of the
 * sources, whichever test asks first: a synthesis with its bundles takes longer than most of what is tested on it.
 * Nobody may write into it. Rejects with what the CDK app complained about.
 */
export async function assemblyOf(config = "tracklayer.config.ts"): Promise<string> {
  const directory = join(CACHE, `${fingerprint(config)}`);
  if (!isThere(directory)) await synthesise(config, directory);
  const now = new Date();
  utimesSync(directory, now, now);
  return directory;
}

function fingerprint(config: string): string {
  const hash = createHash("sha256").update(config);
  for (const path of READ.flatMap(filesIn).sort()) hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  return hash.digest("hex").slice(0, 32);
}

function filesIn(path: string): string[] {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** Beside its place and then moved there: whoever asks meanwhile must not find half of it. */
async function synthesise(config: string, directory: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  removeUnused();
  const draft = `${directory}.${process.pid}`;
  await promisify(execFile)(process.execPath, ["bin/app.ts"], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: "", CDK_OUTDIR: draft, TRACKLAYER_CONFIG: config },
  });
  try {
    renameSync(draft, directory);
  } catch (error) {
    // Another process was faster with the same one.
    rmSync(draft, { recursive: true });
    if (!isThere(directory)) throw error;
  }
}

function removeUnused(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (statSync(path).mtimeMs < Date.now() - HOUR_MS) rmSync(path, { recursive: true });
  }
}

function isThere(directory: string): boolean {
  return statSync(directory, { throwIfNoEntry: false }) !== undefined;
}
