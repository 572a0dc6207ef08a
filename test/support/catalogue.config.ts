import { defineConfig, type TracklayerConfig } from "../../src/config/define-config.ts";
import config from "../../tracklayer.config.ts";
import { SAMPLES } from "./destination-samples.ts";

// The shipped config with a lane of every destination in the catalogue.
export default defineConfig({
  ...config,
  merge: false,
  delivery: { ...config.delivery, firstRetrySeconds: 1, longestRetrySeconds: 4 },
  destinations: Object.fromEntries(
    Object.entries(SAMPLES).map(([id, { settings, events }]) => [
      id,
      { settings: settings[0], ...events, batchWindowSeconds: 1 },
    ]),
  ) as TracklayerConfig["destinations"],
});
