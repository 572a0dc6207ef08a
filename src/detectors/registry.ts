import type { Detector, QualityDetector } from "../core/finding.ts";
import { qualityDrop } from "./quality-drop.ts";
import { volumeDrop } from "./volume-drop.ts";

/** The detectors that look at metrics; each one's id is a value of the `detector` dimension, with an alarm of its own. */
export const DETECTORS: readonly Detector[] = [volumeDrop];

/** Those that look at match quality as the hours' accounts keep it: there is nothing for them without an archive. */
export const QUALITY_DETECTORS: readonly QualityDetector[] = [qualityDrop];

/** Ids of the detectors that run, and so have an alarm, by whether there is an archive. */
export function detectorIds({ archive }: { readonly archive?: unknown }): string[] {
  return [...DETECTORS, ...(archive === undefined ? [] : QUALITY_DETECTORS)].map(({ id }) => id);
}
