import { defineConfig } from "../../src/config/define-config.ts";
import config from "./fast.config.ts";

// Events are given up after an hour, the shortest there is, so that a test need not move the clock by days.
export default defineConfig({ ...config, delivery: { ...config.delivery, retryHours: 1 } });
