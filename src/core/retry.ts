import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./durations.ts";

/** How a lane spaces its attempts. All in ms. */
export interface RetryPolicy {
  /** Ceiling of the wait after the first attempt; it doubles with every further one. */
  readonly baseMs: number;
  /** The ceiling stops growing here. */
  readonly capMs: number;
  /** Longest wait of all, whatever a platform asks for. */
  readonly longestWaitMs: number;
  /** Kept free before the deadline, so that the last attempt still runs inside it. */
  readonly deadlineMarginMs: number;
}

/** Waits of up to 10 s at first and up to an hour later on. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  baseMs: 10 * SECOND_MS,
  capMs: HOUR_MS,
  // SQS hides a message for 12 h at most, counted from when it was received; the rest is for the λ's own run.
  longestWaitMs: 11.5 * HOUR_MS,
  deadlineMarginMs: MINUTE_MS,
};

/** When a lane stops trying, and which of the two limits says so. */
export interface Deadline {
  /** Epoch ms. */
  readonly at: number;
  /**
   * Our own retry window or the time for which the queue keeps the message, which a redrive starts anew, or the
   * platform's oldest event, which nothing does.
   */
  readonly limit: "window" | "retention" | "age";
  readonly reason: string;
}

/**
 * A queue forgets a message after 14 days, without a word. A day less leaves room for the longest wait, and for a
 * function that was down.
 */
const QUEUE_KEEPS_MS = 13 * DAY_MS;

/**
 * The earliest of the lane's retry window, counted from when the message was put or redriven there or its lane resumed,
 * the oldest event that the platform takes, and the end of the queue's own memory. Age decides and never a receive
 * count: throttled invocations use up receives without having tried.
 */
export function deliveryDeadline(limits: {
  since: number;
  retryWindowMs: number;
  eventTime: number;
  maxAgeMs: number;
  /** When the message was put on the queue, epoch ms; absent of what is on none. */
  sentAt?: number;
  policy?: RetryPolicy;
}): Deadline {
  const { deadlineMarginMs } = limits.policy ?? DEFAULT_RETRY_POLICY;
  const windowEnd = limits.since + limits.retryWindowMs;
  const ageEnd = limits.eventTime + limits.maxAgeMs - deadlineMarginMs;
  const keptUntil = (limits.sentAt ?? Number.POSITIVE_INFINITY) + QUEUE_KEEPS_MS;
  if (keptUntil < windowEnd && keptUntil < ageEnd) {
    return {
      at: keptUntil,
      limit: "retention",
      reason: `not delivered within ${duration(QUEUE_KEEPS_MS)} on its queue`,
    };
  }
  return windowEnd <= ageEnd
    ? { at: windowEnd, limit: "window", reason: `not delivered within ${duration(limits.retryWindowMs)}` }
    : { at: ageEnd, limit: "age", reason: `older than the ${duration(limits.maxAgeMs)} that the platform takes` };
}

/** Whether the queue will still know, after the longest wait, of a message that was put there then (epoch ms). */
export function isKept(sentAt: number, now: number): boolean {
  return now < sentAt + QUEUE_KEEPS_MS;
}

/** Try again after this many whole seconds, or give the event up. */
export type NextAttempt =
  | { readonly kind: "retry"; readonly delaySeconds: number }
  | { readonly kind: "expired"; readonly reason: string };

/**
 * When an attempt that failed is repeated: exponential backoff with full jitter, never earlier than the platform
 * asked for (`afterMs`), never after the deadline. A wait that would cross the deadline is cut to reach one last
 * attempt before it, unless that is earlier than the platform allows.
 */
export function nextAttempt(state: {
  /** Attempts made so far, at least 1. */
  attempts: number;
  now: number;
  deadline: Deadline;
  afterMs?: number;
  /** Uniform in [0, 1). */
  fraction: number;
  policy?: RetryPolicy;
}): NextAttempt {
  const policy = state.policy ?? DEFAULT_RETRY_POLICY;
  const floorMs = retryFloorMs(state.afterMs, policy);
  const backoffMs = state.fraction * backoffCeilingMs(state.attempts, policy);
  // Everyone was given the same floor: a tenth of it, spread, keeps a whole lane from coming back at one instant.
  const wantedMs = Math.min(Math.max(backoffMs, floorMs * (1 + state.fraction / 10)), policy.longestWaitMs);
  const earliest = Math.max(1, Math.ceil(floorMs / SECOND_MS));
  const latest = Math.floor((state.deadline.at - policy.deadlineMarginMs - state.now) / SECOND_MS);
  if (latest < earliest) return { kind: "expired", reason: state.deadline.reason };
  return { kind: "retry", delaySeconds: Math.min(Math.max(Math.ceil(wantedMs / SECOND_MS), earliest), latest) };
}

/** Longest backoff after this many attempts, before jitter. */
export function backoffCeilingMs(attempts: number, policy: RetryPolicy = DEFAULT_RETRY_POLICY): number {
  return Math.min(policy.capMs, policy.baseMs * 2 ** (Math.max(1, attempts) - 1));
}

/** What the platform asked to wait, as far as we can. Nonsense counts as nothing asked. */
function retryFloorMs(afterMs: number | undefined, policy: RetryPolicy): number {
  if (afterMs === undefined || Number.isNaN(afterMs)) return 0;
  return Math.min(Math.max(0, afterMs), policy.longestWaitMs);
}

function duration(ms: number): string {
  const hours = ms / HOUR_MS;
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return hours >= 1 ? `${Math.floor(hours)} h` : `${Math.max(1, Math.floor(ms / MINUTE_MS))} min`;
}
