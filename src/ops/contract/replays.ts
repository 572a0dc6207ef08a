import type { ReplayCounts, ReplayJob } from "../../core/replay-job.ts";

/** A replay as people see it. */
export type ReplayView = Omit<ReplayJob, "version" | "person_keys" | "windows" | "lease_until" | "cursor"> & {
  readonly counts: ReplayCounts;
};
