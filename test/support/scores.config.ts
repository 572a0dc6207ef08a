import { defineConfig } from "../../src/config/define-config.ts";
import config from "./fast.config.ts";

// The short waits, with both platforms that tell their own score of match quality.
export default defineConfig({
  ...config,
  destinations: {
    meta: { ...config.destinations.meta, readBackQuality: true },
    pinterest: { settings: { adAccountId: "549755885175" }, batchWindowSeconds: 1, readBackQuality: true },
  },
});
