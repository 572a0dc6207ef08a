import type { SkipReason } from "./destination.ts";
import type { DeliveryState } from "./outcome.ts";

/** An event that is not delivered at one destination, as its receipt, its decision or a test has it. */
export interface Failure {
  readonly lane: string;
  /** `not_sent`: our own side kept a test from being tried. */
  readonly state: Exclude<DeliveryState, "delivered" | "pending"> | "not_sent";
  /** HTTP status of the answer that `reason` is about. */
  readonly status?: number;
  readonly reason?: string;
  readonly skip?: SkipReason;
  /** What the last attempt came to, where that is not the state: `retry` of an event that then expired. */
  readonly attempted?: DeliveryState;
  /** A test of a lane: nothing of it waits, and nothing of it is sent again. */
  readonly test?: true;
}

/** A failure in three parts, for the person who has to do something about it. */
export interface Explanation {
  /** Code and words, as they are kept: personal data was taken out before. */
  readonly said: string;
  readonly means: string;
  readonly todo: string;
  /** The platform's page about it. */
  readonly docs?: string;
}

/** Explains every failure; where nothing is known of the words, by what happens next. */
export type Explain = (failure: Failure) => Explanation;
