import type { DeliveryContext, DestinationRequest, DestinationResponse } from "./destination.ts";
import type { EventName } from "./event.ts";
import type { Outcome } from "./outcome.ts";

/** What a platform says itself about the match quality of what it gets. */
export interface PlatformScore {
  /** By the platform's name; absent when it speaks of all events together. */
  readonly event?: string;
  /** 0 to 10, where the platform gives a number. */
  readonly score?: number;
  /** The platform's own word in place of a number, such as `FAIR`. */
  readonly rating?: string;
  /** Share of events, 0 to 1, that had each identifier, by the platform's names. */
  readonly coverage: Readonly<Record<string, number>>;
}

/** What came of asking. `refused`: nothing comes until a person acts. */
export type ReadBackAnswer =
  | { readonly kind: "read"; readonly scores: readonly PlatformScore[] }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "retry"; readonly reason: string };

/** How a platform is asked for its own score. Pure, like the rest of a declaration. */
export interface QualityReadBack<Settings> {
  /** What its score is and over which time, in a few words. */
  readonly about: string;
  /** What the lane's credentials must be allowed for it, for whoever reads a refusal. */
  readonly permission: string;
  request(context: DeliveryContext<Settings>): DestinationRequest;
  /** Total over every status and body. Reasons may quote the platform: the pipeline removes what is secret. */
  read(response: DestinationResponse): ReadBackAnswer;
}

/** A score with our names for the event, as it is kept. */
export interface KeptScore extends PlatformScore {
  /** Canonical names that the lane sends under the platform's; absent for all events, and where none is. */
  readonly names?: readonly EventName[];
}

/** What is kept of a lane's read-backs. Times are epoch ms. */
export interface LaneReadBack {
  readonly lane: string;
  readonly tried_at: number;
  /** When it is due again. */
  readonly next_at: number;
  /** Why the last attempt brought nothing. */
  readonly problem?: string;
  /** The last that was read. */
  readonly last?: { readonly read_at: number; readonly about: string; readonly scores: readonly KeptScore[] };
}

/** What an outcome that would be an event's says of a read-back: whatever is not known to pass by itself is a refusal. */
export function readBackFailure(outcome: Outcome): ReadBackAnswer {
  if (outcome.kind === "delivered") return { kind: "retry", reason: "the answer holds no score" };
  return { kind: outcome.kind === "retry" ? "retry" : "refused", reason: outcome.reason };
}

/** A share, 0 to 1, of a percentage that a platform gave; undefined for what is none. */
export function shareOfPercent(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= 100 ? Math.round(value * 10) / 1_000 : undefined;
}
