import type { LaneControl } from "../../src/core/lane-control.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import { DELIVERY_TONES, type Paint, type Tone } from "../../src/pipeline/tone.ts";

const LANE: Readonly<Record<LaneControl["state"], Tone>> = {
  closed: "good",
  open: "bad",
  half_open: "wait",
  paused: "wait",
};
/** Breaker's words are an electrician's: people read whether events flow. */
const LANE_WORDS: Readonly<Record<LaneControl["state"], string>> = {
  closed: "running",
  open: "stopped",
  half_open: "probing",
  paused: "paused",
};

/** A delivery state in its colour. */
export function paintState(paint: Paint, state: DeliveryState): string {
  return paint(DELIVERY_TONES[state] ?? "dim", state);
}

/** Whether a lane runs, in words and colour. */
export function paintLane(paint: Paint, state: LaneControl["state"]): string {
  return paint(LANE[state] ?? "dim", LANE_WORDS[state] ?? state);
}
