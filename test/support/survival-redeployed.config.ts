import { defineConfig } from "../../src/config/define-config.ts";
import config from "./survival.config.ts";

// What somebody changes on a Tuesday afternoon: another window for one destination, and one destination more.
export default defineConfig({
  ...config,
  destinations: {
    ...config.destinations,
    meta: { settings: { datasetId: "123456789012345" }, batchWindowSeconds: 2 },
    tiktok: { settings: { pixelCode: "C4A1B2C3D4E5F6G7H8I9" }, batchWindowSeconds: 1 },
  },
});
