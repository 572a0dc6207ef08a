import { defineConfig } from "../../src/config/define-config.ts";
import config from "./fast.config.ts";

// The short waits, with both platforms that tell their own score of match quality.
export default defineConfig({
  ...config,
  destinations: {
    meta: { settings: { datasetId: "1234567890123456" }, batchWindowSeconds: 1, readBackQuality: true },
    pinterest: { settings: { adAccountId: "549755885175" }, batchWindowSeconds: 1, readBackQuality: true },
  },
});
