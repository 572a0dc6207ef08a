import type { Destination } from "../core/destination.ts";
import type { LaneItem, Verdict } from "./lane.ts";

/** A set of events to be sent together, and what its chunk has been through. */
export interface Part {
  readonly items: readonly LaneItem[];
  /** The whole-batch refusal that this part was cut out of. */
  readonly refusal?: readonly Verdict[];
  /** Marked as under way by this invocation, where that is needed. */
  readonly claimed?: boolean;
}

/** Whether the platform refused the request and not one event of it, so that one bad event may have cost them all. */
export function refusedAsWhole(verdicts: readonly Verdict[], { limits }: Destination): boolean {
  if (limits.batchFailure !== "whole" || verdicts.length < 2) return false;
  const isSuccess = (verdicts[0]?.exchange?.status ?? 500) < 300;
  if (limits.rowsInSuccess === true && isSuccess) return false;
  return verdicts.every((verdict) => verdict.outcome.kind === "rejected");
}

/** Rows of a request that failed as a whole, for which the platform blames others by name: they may go again at once. */
export function sparedRows(verdicts: readonly Verdict[], { limits }: Destination): Verdict[] {
  if (limits.batchFailure !== "whole" || !verdicts.some(({ outcome }) => outcome.kind === "rejected")) return [];
  return verdicts.filter(({ outcome }) => outcome.kind === "retry" && outcome.afterMs === 0);
}

/** A part cut in two, in the order of its events; each half keeps what was said of its own. */
export function halves(part: Part, verdicts?: readonly Verdict[]): Part[] {
  const middle = Math.ceil(part.items.length / 2);
  const refusal = verdicts ?? part.refusal;
  return [[0, middle] as const, [middle, part.items.length] as const].map(([from, to]) => ({
    items: part.items.slice(from, to),
    ...(refusal === undefined ? {} : { refusal: refusal.slice(from, to) }),
    ...(part.claimed === undefined ? {} : { claimed: part.claimed }),
  }));
}

/** A refusal of the company an event was in says nothing about the event. */
export function notBlamed(verdict: Verdict): Verdict {
  if (verdict.outcome.kind === "retry") return verdict;
  const reason = verdict.outcome.kind === "rejected" ? verdict.outcome.reason : "refused";
  return { ...verdict, outcome: { kind: "retry", reason: `refused together with others: ${reason}` } };
}
