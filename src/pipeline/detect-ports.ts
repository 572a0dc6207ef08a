import type { Finding, HourlySeries, SeriesRequest } from "../core/finding.ts";

/** Metrics, seen from the detectors. */
export interface MetricsReader {
  /**
   * Sums per hour of each series, in order of the requests, from `from` (inclusive) to `to` (exclusive), both epoch ms
   * on the hour. Throws when any series cannot be read whole: a hole would look like a drop.
   */
  hourlySums(requests: readonly SeriesRequest[], from: number, to: number): Promise<HourlySeries[]>;
}

/** Keeps findings by detector, subject and hour. */
export interface FindingStore {
  /**
   * Keeps a finding; the same one again (same detector, subject and window) stays one, with the latest numbers and the
   * first time of finding. Says whether it was new.
   */
  save(finding: Finding, foundAt: number): Promise<"new" | "known">;
}
