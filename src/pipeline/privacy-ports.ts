import type { QuarantinedEvent } from "../core/delivery-record.ts";
import type { EventKey } from "../core/event-key.ts";
import type { PrivacyJob, PrivacyKind } from "../core/privacy-job.ts";
import type { JobList, JobStore } from "./job-store.ts";
import type { QuarantineDays } from "./quarantine-ports.ts";

/** Where people's requests for their data are kept. */
export interface PrivacyJobStore extends Omit<JobStore<PrivacyJob>, "list"> {
  /** Newest first. A job that was just made may be missing for a second. */
  list(options: JobList<PrivacyJob> & { readonly kind?: PrivacyKind }): Promise<PrivacyJob[]>;
}

/** A store of jobs that can be asked for one kind of request. */
export function privacyJobsIn(jobs: JobStore<PrivacyJob>): PrivacyJobStore {
  return {
    ...jobs,
    list: ({ kind, ...options }) => jobs.list(options, (job) => kind === undefined || job.kind === kind),
  };
}

/** The archive, seen from an erasure. Throws when the store does not answer. */
export interface ArchiveEraser {
  /**
   * Puts other lines in place of some of an object's, one for one. False when somebody else replaced the object
   * meanwhile; an object that is gone is none to rewrite.
   */
  rewrite(key: string, lineFor: (line: string) => string): Promise<boolean>;
  /** Deletes everything whose key begins so; answers how much there was. */
  removeFolder(prefix: string): Promise<number>;
}

/** The delivery table, seen from an erasure. */
export interface ForgettableDeliveries extends QuarantineDays {
  /**
   * Takes out of claims, receipts and later copies of these events whose they were; answers of how many. That they were
   * there and what became of them stays.
   */
  forgetEvents(keys: readonly EventKey[]): Promise<number>;
  /** Takes the entry out of quarantine unless another one has replaced it; false means that it was not this one any more. */
  removeQuarantined(entry: QuarantinedEvent): Promise<boolean>;
}
