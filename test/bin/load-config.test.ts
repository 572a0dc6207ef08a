import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { loadConfig } from "../../bin/load-config.ts";
import { ConfigError } from "../../src/config/config-error.ts";

test("a file that is not there is named, with where the name came from", async () => {
  const loading = loadConfig("absent.config.ts");
  await expect(loading).rejects.toBeInstanceOf(ConfigError);
  await expect(loading).rejects.toThrow("TRACKLAYER_CONFIG: must name a file that exists (got absent.config.ts)");
});

test("a file without a default export is told what to write", async () => {
  await expect(loadConfig("src/core/event-names.ts")).rejects.toThrow(
    "src/core/event-names.ts: must have a default export: `export default defineConfig(...)`",
  );
});

test("a file that cannot be parsed is named with its line, by the node that runs the tool", async () => {
  const directory = mkdtempSync(join(tmpdir(), "load-config-"));
  const file = join(directory, "broken.config.ts");
  writeFileSync(file, 'export default {\n  environment: "development"\n  sources: {} };\n');
  const cli = resolve(import.meta.dirname, "../../bin/tracklayer.js");
  const { NODE_OPTIONS: _, ...env } = process.env;
  const running = promisify(execFile)(process.execPath, [cli, "secrets", "check"], {
    env: { ...env, TRACKLAYER_CONFIG: file },
  });
  await expect(running).rejects.toMatchObject({
    stderr: expect.stringContaining(`${file}:3: must be TypeScript that can be read (got `),
  });
  rmSync(directory, { recursive: true });
}, 60_000);
