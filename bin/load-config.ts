import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../src/config/config-error.ts";
import { resolveConfig } from "../src/config/resolve-config.ts";
import type { ResolvedConfig } from "../src/config/resolved-config.ts";
import { DESTINATIONS } from "../src/destinations/registry.ts";

const DEFAULT_FILE = resolve(import.meta.dirname, "../tracklayer.config.ts");

/**
 * The checked configuration of the file that `TRACKLAYER_CONFIG` names, or of `tracklayer.config.ts`: several
 * environments from one checkout. Throws `ConfigError` when it is wrong.
 */
export async function loadConfig(file = process.env.TRACKLAYER_CONFIG ?? DEFAULT_FILE): Promise<ResolvedConfig> {
  if (!existsSync(file)) {
    throw new ConfigError([{ field: "TRACKLAYER_CONFIG", rule: "must name a file that exists", got: file }]);
  }
  const module: { default?: unknown } = await import(pathToFileURL(resolve(file)).href);
  if (module.default === undefined) {
    const rule = "must have a default export: `export default defineConfig(...)`";
    throw new ConfigError([{ field: file, rule, got: "none" }]);
  }
  return resolveConfig(module.default, DESTINATIONS);
}
