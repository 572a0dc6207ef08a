import type { ReplayJob } from "../../core/replay-job.ts";
import type { ReplayStore } from "../../pipeline/replay-ports.ts";
import { createMemoryJobs } from "./jobs.ts";

/** Replays in memory, for tests and simulation. */
export function createMemoryReplayStore(): ReplayStore {
  return createMemoryJobs<ReplayJob>();
}
