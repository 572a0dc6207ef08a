import type { ReplayJob } from "../core/replay-job.ts";
import type { ReplayStore } from "../pipeline/replay-ports.ts";
import { createDynamoJobs, type DynamoJobsOptions } from "./dynamo-jobs.ts";

/** Replays, as jobs in the delivery table. */
export function createDynamoReplayStore(options: Omit<DynamoJobsOptions, "prefix">): ReplayStore {
  return createDynamoJobs<ReplayJob>({ ...options, prefix: "REPLAY" });
}
