import { defineConfig } from "../../src/config/define-config.ts";
import fast from "./fast.config.ts";

// The short waits, with tools that know people by their contacts beside a platform that knows them by hashes.
export default defineConfig({
  ...fast,
  destinations: {
    meta: { settings: { datasetId: "1234567890" }, batchWindowSeconds: 1 },
    klaviyo: { settings: {}, batchWindowSeconds: 1 },
    hubspot: { settings: {}, batchWindowSeconds: 1 },
  },
});
