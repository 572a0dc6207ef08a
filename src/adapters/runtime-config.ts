import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResolvedConfig } from "../config/resolved-config.ts";

/** Name of the file that the stack writes beside every bundle. */
const CONFIG_FILE = "config.json";

const REQUIRED = [
  "environment",
  "sources",
  "destinations",
  "consent",
  "delivery",
  "retention",
  "logs",
  "ingest",
] as const;

let cached: { path: string; config: ResolvedConfig } | undefined;

/**
 * The configuration that was validated at synth and shipped beside this bundle. Read once per container and deeply
 * frozen, so that no invocation can leave something in it for the next. Throws, naming the file, when it is missing
 * or is not what the stack writes.
 */
export function readRuntimeConfig(): ResolvedConfig {
  const path = join(process.env.LAMBDA_TASK_ROOT ?? process.cwd(), CONFIG_FILE);
  if (cached?.path !== path) cached = { path, config: parseRuntimeConfig(path, readText(path)) };
  return cached.config;
}

/** Value of an environment variable that the stack sets; throws with its name when it is missing or empty. */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`environment variable ${name} is not set`);
  return value;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`cannot read the configuration ${path}: the bundle must ship with it`, { cause: error });
  }
}

// Not validated again field by field: the same file was validated at synth, and the schema would cost every cold
// start its load time. What is checked is that this is that file, and not a truncated or foreign one.
function parseRuntimeConfig(path: string, text: string): ResolvedConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`the configuration ${path} is not JSON`, { cause: error });
  }
  if (typeof value !== "object" || value === null) throw new Error(`the configuration ${path} is not an object`);
  const missing = REQUIRED.filter((field) => !(field in value));
  if (missing.length > 0) throw new Error(`the configuration ${path} lacks ${missing.join(", ")}`);
  return deepFreeze(value) as ResolvedConfig;
}

function deepFreeze(value: object): object {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
