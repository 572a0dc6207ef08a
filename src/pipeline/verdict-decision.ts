import type { DeliveryRecord } from "../core/delivery-record.ts";
import type { SkipReason } from "../core/destination.ts";
import { MINUTE_MS } from "../core/durations.ts";
import { type NextAttempt, nextAttempt } from "../core/retry.ts";
import { receipt } from "./delivery-receipt.ts";
import type { DeliverDeps, LaneItem, Verdict } from "./lane.ts";
import type { LaneGate } from "./lane-breaker.ts";

/**
 * Of events that are refused one by one for their credentials, while others of their request pass: the lane goes on, a
 * person has to mend it, and asking again only costs. The first wait, and the longest. Where all of a request is refused
 * the lane is stopped, and its breaker says when.
 */
const UNAUTHORIZED_RETRY_MS = 15 * MINUTE_MS;
const UNAUTHORIZED_LONGEST_MS = 27 * MINUTE_MS;

/** What will happen to one item, decided but not yet written. */
export interface Decision {
  readonly item: LaneItem;
  readonly record: DeliveryRecord;
  /** True: nothing was sent and the stored receipt says the same already, so there is nothing to write. */
  readonly unchanged?: boolean;
  /** True: nothing was sent, so that another worker with a copy of the message may be sending. */
  readonly unsent?: boolean;
  /** Present: hidden for so long and returned as a failure. */
  readonly delaySeconds?: number;
  /** Present: the body goes to the DLQ. */
  readonly deadLetter?: string;
  readonly skip?: SkipReason;
}

type DecisionDeps = Pick<DeliverDeps, "clock" | "lane" | "random" | "retryPolicy">;

/** What a verdict means for its event: a state to store, and whether and when the message comes back. */
export function decide(verdict: Verdict, deps: DecisionDeps, gate: Pick<LaneGate, "holdSeconds">): Decision {
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
  const heldMs = secondsToMs(gate.holdSeconds(item.message.receiveCount));
  const askedMs = kind === "retry" ? outcome.afterMs : heldMs === undefined ? unauthorizedWaitMs(item, now) : 0;
  const next =
    heldMs === undefined ? whenAgain(item, now, askedMs, deps) : whenResumed(item, now, { heldMs, askedMs }, deps);
  if (next.kind === "retry") {
    const record = receipt(lane.id, item, { ...facts, reason, state: kind });
    const { record: previous } = item;
    const unchanged = exchange === undefined && previous?.state === kind && previous.reason === reason;
    return { item, record, delaySeconds: next.delaySeconds, unchanged, unsent: exchange === undefined };
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

/** Doubles with every request, and with the time since nothing changed where none was made. */
function unauthorizedWaitMs({ record }: LaneItem, now: number): number {
  const byAttempts = UNAUTHORIZED_RETRY_MS * 2 ** (record?.attempt_count ?? 0);
  const byTime = record?.state === "unauthorized" ? now - record.updated_at : 0;
  return Math.min(UNAUTHORIZED_LONGEST_MS, Math.max(byAttempts, byTime));
}

/** Behind a stopped lane the breaker spaces the attempts, and the retry window stands still. */
function whenResumed(
  item: LaneItem,
  now: number,
  { askedMs = 0, heldMs }: { readonly askedMs: number | undefined; readonly heldMs: number },
  deps: DecisionDeps,
): NextAttempt {
  const { deadline } = item;
  return nextAttempt({
    attempts: 1,
    now,
    deadline: deadline.limit === "window" ? { ...deadline, at: Number.POSITIVE_INFINITY } : deadline,
    afterMs: Math.max(heldMs, askedMs),
    fraction: deps.random.fraction(),
    ...(deps.retryPolicy === undefined ? {} : { policy: deps.retryPolicy }),
  });
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
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
