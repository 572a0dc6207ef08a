import { defineConfig } from "../../src/config/define-config.ts";
import config from "../../tracklayer.config.ts";

// The shipped config without batching windows, for tests that wait for many single events one after the other.
export default defineConfig({
  ...config,
  merge: false,
  // Ten events in ten seconds, then it is refused.
  sources: { ...config.sources, partner: { kind: "server", rateLimit: 1 } },
  destinations: Object.fromEntries(
    Object.entries(config.destinations).map(([id, destination]) => [id, { ...destination, batchWindowSeconds: 0 }]),
  ) as typeof config.destinations,
});
