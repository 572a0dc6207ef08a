import type { PrivacyJob } from "../../core/privacy-job.ts";
import { type PrivacyJobStore, privacyJobsIn } from "../../pipeline/privacy-ports.ts";
import { createMemoryJobs } from "./jobs.ts";

/** Requests of people in memory, for tests and simulation. */
export function createMemoryPrivacyJobs(): PrivacyJobStore {
  return privacyJobsIn(createMemoryJobs<PrivacyJob>());
}
