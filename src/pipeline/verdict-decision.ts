import type { DeliveryRecord } from "../core/delivery-record.ts";
import type { SkipReason } from "../core/destination.ts";
import { type NextAttempt, nextAttempt } from "../core/retry.ts";
import { receipt } from "./delivery-receipt.ts";
import type { DeliverDeps, LaneItem, Verdict } from "./lane.ts";

/** A wrong credential is a person's to mend: asking the platform more often than this only hurts its patience. */
const UNAUTHORIZED_RETRY_MS = 15 * 60_000;

/** What will happen to one item, decided but not yet written. */
export interface Decision {
  readonly item: LaneItem;
  readonly record: DeliveryRecord;
  /** Present: hidden for so long and returned as a failure. */
  readonly delaySeconds?: number;
  /** Present: the body goes to the DLQ. */
  readonly deadLetter?: string;
  readonly skip?: SkipReason;
}

type DecisionDeps = Pick<DeliverDeps, "clock" | "lane" | "random" | "retryPolicy">;

/** What a verdict means for its event: a state to store, and whether and when the message comes back. */
export function decide(verdict: Verdict, deps: DecisionDeps): Decision {
  const { clock, lane } = deps;
  const { item, outcome, exchange } = verdict;
  const now = clock.now();
  const facts = { now, ...(exchange === undefined ? {} : { exchange }) };
  if (outcome.kind === "delivered") {
    const note = outcome.note === undefined ? {} : { reason: outcome.note };
    return { item, record: receipt(lane.id, item, { ...facts, ...note, state: "delivered" }) };
  }
  const { kind, reason } = outcome;
  if (kind === "rejected") return { item, record: receipt(lane.id, item, { ...facts, reason, state: kind }) };
  const afterMs = kind === "unauthorized" ? UNAUTHORIZED_RETRY_MS : outcome.afterMs;
  const next = whenAgain(item, now, afterMs, deps);
  if (next.kind === "retry") {
    const record = receipt(lane.id, item, { ...facts, reason, state: kind });
    return { item, record, delaySeconds: next.delaySeconds };
  }
  // The platform's last words stay on the record: "too late" alone would hide why.
  const whole = `${next.reason}; last: ${reason}`;
  const record = receipt(lane.id, item, { ...facts, reason: whole, state: "expired", attemptOutcome: kind });
  return { item, record, ...deadLetter(item, whole) };
}

/**
 * What is given up goes to the DLQ, from where a person may put it back; not a second time when the platform would not
 * take it any more, or it would go in circles for as long as somebody redrives.
 */
export function deadLetter(item: LaneItem, reason: string): Pick<Decision, "deadLetter"> {
  return item.redriven && item.deadline.limit === "age" ? {} : { deadLetter: reason };
}

function whenAgain(item: LaneItem, now: number, afterMs: number | undefined, deps: DecisionDeps): NextAttempt {
  return nextAttempt({
    attempts: (item.record?.attempt_count ?? 0) + 1,
    now,
    deadline: item.deadline,
    fraction: deps.random.fraction(),
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(deps.retryPolicy === undefined ? {} : { policy: deps.retryPolicy }),
  });
}
