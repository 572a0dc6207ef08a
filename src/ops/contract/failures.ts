import type { Explanation } from "../../core/explanation.ts";
import type { DeliveryState } from "../../core/outcome.ts";

/** Failures of one destination that have one cause. */
export interface FailureGroup {
  readonly lane: string;
  readonly state: DeliveryState;
  /** What the failures have in common: the platform's words without ids and numbers that differ. */
  readonly cause: string;
  readonly events: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly explanation: Explanation;
  readonly samples: readonly {
    readonly event_id: string;
    readonly dedup_scope: string;
    readonly name: string;
    readonly at: number;
  }[];
}

/** Of `GET /v1/ops/failures`, most events first. */
export interface FailureList {
  readonly items: readonly FailureGroup[];
  /** Failed deliveries that were looked at. */
  readonly read: number;
  /** There are older ones that were not looked at: ask for one lane or a shorter time. */
  readonly truncated: boolean;
}
