import type { Detector } from "../core/finding.ts";
import { volumeDrop } from "./volume-drop.ts";

/** Every detector; each one's id is a value of the `detector` dimension, with an alarm of its own. */
export const DETECTORS: readonly Detector[] = [volumeDrop];
