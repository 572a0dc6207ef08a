import type { PrivacyJob } from "../core/privacy-job.ts";
import { type PrivacyJobStore, privacyJobsIn } from "../pipeline/privacy-ports.ts";
import { createDynamoJobs, type DynamoJobsOptions } from "./dynamo-jobs.ts";

/** A person may ask after a year what became of their request, and a job that is over holds nothing of them. */
const KEPT_DAYS = 400;

/** Requests of people, as jobs in the delivery table. */
export function createDynamoPrivacyJobs(options: Pick<DynamoJobsOptions, "client" | "table">): PrivacyJobStore {
  return privacyJobsIn(createDynamoJobs<PrivacyJob>({ ...options, prefix: "PRIVACY", days: KEPT_DAYS }));
}
