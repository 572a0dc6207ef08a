import { defineConfig } from "../src/config/define-config.ts";
import config from "../tracklayer.config.ts";

// Waits double with every attempt, from ten seconds up to an hour: the last of ten thousand events would keep everyone.
export default defineConfig({
  ...config,
  delivery: { ...config.delivery, firstRetrySeconds: 1, longestRetrySeconds: 8 },
});
