import { defineConfig } from "../../src/config/define-config.ts";
import config from "../../tracklayer.config.ts";

// The shipped config without batching windows, for tests that wait for many single events one after the other.
export default defineConfig({
  ...config,
  merge: false,
  destinations: Object.fromEntries(
    Object.entries(config.destinations).map(([id, destination]) => [id, { ...destination, batchWindowSeconds: 0 }]),
  ) as typeof config.destinations,
});
