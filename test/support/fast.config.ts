import { defineConfig } from "../../src/config/define-config.ts";
import config from "../../tracklayer.config.ts";

// The shipped config with short waits: what is proven is the same, and nobody waits for cheap batches.
export default defineConfig({
  ...config,
  merge: false,
  archive: { bufferSeconds: 1 },
  delivery: { ...config.delivery, firstRetrySeconds: 1, longestRetrySeconds: 4 },
  destinations: Object.fromEntries(
    Object.entries(config.destinations).map(([id, destination]) => [id, { ...destination, batchWindowSeconds: 1 }]),
  ) as typeof config.destinations,
});
