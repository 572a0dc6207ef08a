import { type DeliveryAttempt, type DeliveryRecord, MAX_STORED_ATTEMPTS } from "../core/delivery-record.ts";
import type { SkipReason } from "../core/destination.ts";
import type { DeliveryState } from "../core/outcome.ts";
import type { Exchange, LaneItem } from "./lane.ts";

/** What a receipt says besides the event and the lane. */
export interface ReceiptFacts {
  readonly state: DeliveryState;
  readonly now: number;
  readonly reason?: string;
  readonly skip?: SkipReason;
  /** The exchange that brought the event here; absent when nothing was sent. */
  readonly exchange?: Exchange;
  /** What the exchange itself came to, when it differs from the state: `retry` of an event that then expired. */
  readonly attemptOutcome?: DeliveryState;
}

/** The record that replaces an item's previous one. */
export function receipt(lane: string, item: LaneItem, facts: ReceiptFacts): DeliveryRecord {
  const previous = item.record;
  const { exchange } = facts;
  const record: DeliveryRecord = {
    key: item.key,
    lane,
    state: facts.state,
    attempts: previous?.attempts ?? [],
    attempt_count: previous?.attempt_count ?? 0,
    updated_at: facts.now,
  };
  const replay = item.replay ?? previous?.replay;
  if (replay !== undefined) record.replay = replay;
  if (item.merged !== undefined) record.merged = [...item.merged.sources];
  if (item.merged !== undefined && item.merged.heard.length > 0) record.heard = [...item.merged.heard];
  const sentAs = exchange === undefined ? previous?.sent_as : item.behaviour;
  if (sentAs !== undefined) record.sent_as = sentAs;
  // Stays when a forced copy fails later: the platform has the event all the same.
  const deliveredAt = facts.state === "delivered" ? facts.now : previous?.delivered_at;
  if (deliveredAt !== undefined) record.delivered_at = deliveredAt;
  if (facts.skip !== undefined) record.skip = { code: facts.skip.code, detail: facts.skip.detail };
  if (facts.reason !== undefined) record.reason = facts.reason;
  if (exchange === undefined) return record;
  const outcome = facts.attemptOutcome ?? facts.state;
  return {
    ...record,
    attempts: withAttempt(record.attempts, attempt(exchange, outcome, facts.reason)),
    attempt_count: record.attempt_count + 1,
  };
}

function attempt(exchange: Exchange, outcome: DeliveryState, reason: string | undefined): DeliveryAttempt {
  return {
    at: exchange.at,
    ...(exchange.status === undefined ? {} : { status: exchange.status }),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    batch: exchange.batch,
    took_ms: exchange.tookMs,
  };
}

/** The first attempts tell how it began, the last one where it stands; what is in between repeats itself. */
function withAttempt(earlier: readonly DeliveryAttempt[], latest: DeliveryAttempt): DeliveryAttempt[] {
  return [...earlier.slice(0, MAX_STORED_ATTEMPTS - 1), latest];
}
