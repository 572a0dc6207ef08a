import type { ReplayJob } from "../core/replay-job.ts";
import type { JobStore } from "./job-store.ts";

/** Where replays are kept. */
export type ReplayStore = JobStore<ReplayJob>;
