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
