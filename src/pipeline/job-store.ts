/** What every job has that is stored, and worked on in slices by whoever holds its lease. */
export interface StoredJob {
  readonly id: string;
  /** Goes up with each write; a write names the version that it replaces. */
  readonly version: number;
  /** `running`, or how it ended. */
  readonly state: string;
  /** Epoch ms. */
  readonly created_at: number;
  readonly updated_at: number;
  /** Digests of a person; there may be more of them than fit into one item of a table. */
  readonly person_keys?: readonly string[];
}

/** A part of a list of jobs. */
export interface JobList<Job extends StoredJob> {
  readonly state?: Job["state"];
  readonly limit: number;
  /** The id of the last one of the page before. */
  readonly before?: string;
}

/** Where jobs of one kind are kept. */
export interface JobStore<Job extends StoredJob> {
  read(id: string): Promise<Job | undefined>;
  /** Newest first, those that are wanted. A job that was just made may be missing for a second. */
  list(options: JobList<Job>, isWanted?: (job: Job) => boolean): Promise<Job[]>;
  /** Stores it when the stored one still has `job.version - 1` (0: is absent); false means somebody was faster. */
  save(job: Job): Promise<boolean>;
}

/** Newest first; of one moment the greater id first. */
export function byAge(a: StoredJob, b: StoredJob): number {
  return b.created_at - a.created_at || (a.id < b.id ? 1 : -1);
}

/** Whether a page of these options may hold the job; `last` is the one that `before` names. */
export function isListed<Job extends StoredJob>(job: Job, { state }: JobList<Job>, last: Job | undefined): boolean {
  const isLater = last === undefined || (job.id !== last.id && byAge(last, job) < 0);
  return isLater && (state === undefined || job.state === state);
}
