import { defineConfig } from "../src/config/define-config.ts";
import config from "../tracklayer.config.ts";

// Waits double with every attempt, from ten seconds up to an hour: the last of ten thousand events would keep everyone.
export default defineConfig({
  ...config,
  // Counts are of events that wait for nothing; docs/cost.md says what a pair of copies adds.
  merge: false,
  delivery: { ...config.delivery, firstRetrySeconds: 1, longestRetrySeconds: 8 },
});
