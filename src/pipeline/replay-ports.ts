import type { ReplayJob } from "../core/replay-job.ts";

/** Where replays are kept. */
export interface ReplayStore {
  read(id: string): Promise<ReplayJob | undefined>;
  /** Newest first. */
  list(options: { state?: ReplayJob["state"]; limit: number; before?: string }): Promise<ReplayJob[]>;
  /** Stores it when the stored one still has `job.version - 1` (0: is absent); false means somebody was faster. */
  save(job: ReplayJob): Promise<boolean>;
}
