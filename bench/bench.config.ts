import { defineConfig } from "../src/config/define-config.ts";
import config from "../tracklayer.config.ts";

// Waits double with every attempt: from ten seconds on, the last of ten thousand events would keep everyone for an hour.
export default defineConfig({ ...config, delivery: { ...config.delivery, firstRetrySeconds: 1 } });
