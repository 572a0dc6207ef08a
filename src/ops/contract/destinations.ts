import type { LaneControl } from "../../core/lane-control.ts";
import type { DeliveryState } from "../../core/outcome.ts";

/** How one destination does. Shares are 0 to 1 of the attempts that came to an end in the window. */
export interface DestinationHealth {
  readonly lane: string;
  readonly type: string;
  readonly name: string;
  readonly control?: Pick<LaneControl, "state" | "since" | "reason" | "by" | "cause" | "probe_at">;
  /** Over the window asked for; absent figures were not measured in it. */
  readonly window: { readonly from: number; readonly to: number };
  readonly outcomes: Readonly<Partial<Record<DeliveryState, number>>>;
  readonly success_share?: number;
  /** From `received_at` to the platform's confirmation, ms. */
  readonly latency_p50_ms?: number;
  readonly latency_p95_ms?: number;
  readonly queue?: { readonly waiting: number; readonly in_flight: number; readonly oldest_seconds?: number };
  readonly dead_letters?: number;
  readonly match_quality?: number;
  readonly last_error?: { readonly at: number; readonly state: DeliveryState; readonly reason: string };
  /** `ok`: nothing was refused for its credentials in the window. */
  readonly auth: "ok" | "refused" | "not_needed" | "unknown";
  /** Days until the platform's API version ends, when that is known. */
  readonly version_ends_in_days?: number;
  readonly test_mode: boolean;
  /** Named exceptions by which it gets more than its declaration lets through; absent when there are none. */
  readonly consent_overrides?: readonly { readonly name: string; readonly because: string }[];
  /** Sources of figures that did not answer: what comes from them is absent. */
  readonly unavailable?: readonly ("metrics" | "queue" | "control" | "failures")[];
}
