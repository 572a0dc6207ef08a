import { defineConfig } from "../../src/config/define-config.ts";
import config from "./fast.config.ts";

// Two copies of a purchase wait for each other, for as short a time as a slow machine can keep.
export default defineConfig({ ...config, merge: { windowSeconds: 6 } });
