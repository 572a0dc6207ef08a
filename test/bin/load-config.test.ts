import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT } from "../../bin/cli/cli-error.ts";
import { loadConfig } from "../../bin/load-config.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { LAUNCHER, runNode } from "../support/node-process.ts";

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
  const { code, stderr } = await runNode([LAUNCHER, "secrets", "check"], { env: { TRACKLAYER_CONFIG: file } });
  expect({ code, stderr }).toEqual({
    code: EXIT.failed,
    stderr: expect.stringContaining(`${file}:3: must be TypeScript that can be read (got `),
  });
  rmSync(directory, { recursive: true });
}, 60_000);
