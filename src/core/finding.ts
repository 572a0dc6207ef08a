import type { MetricName } from "./metric-names.ts";
import type { QualityCell } from "./quality-rollup.ts";

/** What this installation has, for detectors to choose the series they watch. */
export interface Monitored {
  readonly sources: readonly string[];
  readonly keyEvents: readonly string[];
  readonly destinations: readonly string[];
}

/** A series that a detector wants: one metric with exact dimensions, summed by the hour. */
export interface SeriesRequest {
  /** Stable and unique per detector, such as `source/web`; part of the finding's key. */
  readonly subject: string;
  /** What people call it, such as `purchase events`; begins the finding's sentence. */
  readonly label: string;
  readonly metric: MetricName;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Sums by hour (key: start of the hour, epoch ms). An hour without a point had no emission: before the first point that
 * means not known, after it zero.
 */
export interface HourlySeries extends SeriesRequest {
  readonly points: ReadonlyMap<number, number>;
}

type FindingSeverity = "warning" | "critical";

/** Something unusual in one period of one series: what a detector says of that period, whatever was before. */
export interface Finding {
  readonly detector: string;
  readonly subject: string;
  /** Epoch ms; `end` is exclusive. */
  readonly window: { readonly start: number; readonly end: number };
  readonly severity: FindingSeverity;
  readonly observed: number;
  /** The range within which nothing would have been found, rounded to whole events. */
  readonly expected: { readonly low: number; readonly high: number };
  /** Past hours that the expectation rests on. */
  readonly basis: number;
  /** The finding in words, with its numbers. */
  readonly sentence: string;
}

/** What a detector says of one period. A subject in neither list could not be judged: too few events, or too little past. */
export interface Verdict {
  readonly found: readonly Finding[];
  /** Subjects that were judged, and of which nothing was found. */
  readonly quiet: readonly string[];
}

/**
 * A finding that is followed over its periods: detector, subject and beginning are its key. Numbers, window and sentence
 * are of the last period in which it was seen.
 */
export interface FollowedFinding extends Finding {
  /** Start of the first period in which it was seen, epoch ms. */
  readonly began_at: number;
  /** End of the last period in which it was seen, epoch ms. Absent as long as it lasts. */
  readonly ended_at?: number;
}

/** One way of looking at series. Pure; a detector sees one series at a time and knows no other detector. */
export interface Detector {
  /** Dimension value of `AnomaliesFound` and part of every finding's key: the file's name in snake case. */
  readonly id: string;
  /** Hours of past that it needs before the hour it judges. */
  readonly lookbackHours: number;
  series(monitored: Monitored): readonly SeriesRequest[];
  /** Judges the hour that ends at `windowEnd` (epoch ms, on the hour). */
  detect(series: HourlySeries, windowEnd: number): Verdict;
}

/** Types a declaration and returns it. */
export function defineDetector(detector: Detector): Detector {
  return detector;
}

/** Match quality by hour (its start, epoch ms). An hour that is absent is not known; one without cells had no events. */
export type QualityHours = ReadonlyMap<number, readonly QualityCell[]>;

/** One way of looking at match quality as the hours' accounts keep it. Pure, like a `Detector`. */
export interface QualityDetector {
  /** As a `Detector`'s. */
  readonly id: string;
  /** Starts of the hours that it looks at besides the one that ends at `windowEnd`, each once. */
  hours(windowEnd: number): readonly number[];
  /** Judges what the hour that ends at `windowEnd` (epoch ms, on the hour) has events of. */
  detect(hours: QualityHours, windowEnd: number): Verdict;
}

/** Types a declaration and returns it. */
export function defineQualityDetector(detector: QualityDetector): QualityDetector {
  return detector;
}
