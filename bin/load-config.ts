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
  const module = await imported(file);
  if (module.default === undefined) {
    const rule = "must have a default export: `export default defineConfig(...)`";
    throw new ConfigError([{ field: file, rule, got: "none" }]);
  }
  return resolveConfig(module.default, DESTINATIONS);
}

/** The parser's words alone do not say which file they are about, nor where. */
async function imported(file: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Node puts the place in front of the stack: a path, a colon and the line.
    const [place = ""] = error.stack?.split("\n") ?? [];
    const [at = file] = /\S+:\d+$/.exec(place) ?? [];
    throw new ConfigError([
      { field: at.replace("file://", ""), rule: "must be TypeScript that can be read", got: error.message },
    ]);
  }
}
