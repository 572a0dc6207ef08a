import type { Finding } from "../../core/finding.ts";

/** An anomaly that a detector found, newest first. */
export interface FindingRow extends Finding {
  /** Epoch ms of the run that found it first. */
  readonly found_at: number;
}
