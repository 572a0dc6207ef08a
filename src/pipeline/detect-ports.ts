import type { FollowedFinding, HourlySeries, SeriesRequest } from "../core/finding.ts";
import type { OpenFindings } from "../core/lasting-findings.ts";

/** Metrics, seen from the detectors. */
export interface MetricsReader {
  /**
   * Sums per hour of each series, in order of the requests, from `from` (inclusive) to `to` (exclusive), both epoch ms
   * on the hour. Throws when any series cannot be read whole: a hole would look like a drop.
   */
  hourlySums(requests: readonly SeriesRequest[], from: number, to: number): Promise<HourlySeries[]>;
}

/** Keeps findings by detector, subject and beginning, and what each detector follows. */
export interface FindingStore {
  /** Keeps a finding; the same one again stays one, with the latest numbers and the first time of keeping. One write. */
  save(finding: FollowedFinding, keptAt: number): Promise<void>;
  /** Notes when a finding ended; nothing where it is kept no longer. One write. */
  end(finding: Pick<FollowedFinding, "detector" | "subject" | "began_at">, endedAt: number): Promise<void>;
  /** What was open after the detector's last run; undefined before the first one. One read, consistent. */
  readOpen(detector: string): Promise<OpenFindings | undefined>;
  saveOpen(detector: string, open: OpenFindings): Promise<void>;
}
