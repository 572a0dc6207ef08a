import type { FollowedFinding } from "../../core/finding.ts";

/** An anomaly that a detector found, what was seen last first. `window` is the last period in which it was seen. */
export interface FindingRow extends FollowedFinding {
  /** Epoch ms of the run that found it first. */
  readonly found_at: number;
}
