import type { PrivacyJob, PrivacyKind } from "../core/privacy-job.ts";

/** Where people's requests for their data are kept. */
export interface PrivacyJobStore {
  read(id: string): Promise<PrivacyJob | undefined>;
  /** Newest first. A job that was just made may be missing for a second. */
  list(options: {
    state?: PrivacyJob["state"];
    kind?: PrivacyKind;
    limit: number;
    /** The id of the last one of the page before. */
    before?: string;
  }): Promise<PrivacyJob[]>;
  /** Stores it when the stored one still has `job.version - 1` (0: is absent); false means somebody was faster. */
  save(job: PrivacyJob): Promise<boolean>;
}
