import type { DeliveryRecord } from "../core/delivery-record.ts";
import type { Destination, SkipReason } from "../core/destination.ts";
import type { DeliveryState } from "../core/outcome.ts";
import { type NextAttempt, nextAttempt } from "../core/retry.ts";
import { receipt } from "./delivery-receipt.ts";
import type { DeliverDeps, LaneItem, ReceivedMessage, Verdict } from "./lane.ts";
import { loggableId } from "./platform-words.ts";

/** A wrong credential is a person's to mend: asking the platform more often than this only hurts its patience. */
const UNAUTHORIZED_RETRY_MS = 15 * 60_000;

/** Event ids on one log line. */
const IDS_PER_LINE = 50;

/** What will happen to one item, decided but not yet written. */
interface Decision {
  readonly item: LaneItem;
  readonly record: DeliveryRecord;
  /** Present: hidden for so long and returned as a failure. */
  readonly delaySeconds?: number;
  /** Present: the body goes to the DLQ. */
  readonly deadLetter?: string;
  readonly skip?: SkipReason;
}

/**
 * Keeps what became of every message of one invocation: writes receipts, moves the expired to the DLQ, and knows
 * which messages must come back. A message that nobody acknowledged comes back, so forgetting one can double it but
 * never lose it.
 */
export interface BatchLedger {
  /** Done with: SQS may delete it. */
  acknowledge(message: ReceivedMessage): void;
  /** Comes back after this many seconds, with nothing written. */
  leave(message: ReceivedMessage, seconds: number): void;
  /** Never an event: to the DLQ. */
  poison(messages: readonly { message: ReceivedMessage; reason: string }[]): Promise<void>;
  skip(items: readonly { item: LaneItem; skip: SkipReason }[]): Promise<void>;
  expire(items: readonly LaneItem[]): Promise<void>;
  /** Writes what the platform's answer means, at once: a crash after this sends none of these again. */
  settle(verdicts: readonly Verdict[]): Promise<void>;
  /** Hides what comes back later, logs the batch, and tells which messages failed. */
  finish(): Promise<string[]>;
}

/** A ledger for one invocation; nothing in it outlives `finish`. */
export function createBatchLedger(
  messages: readonly ReceivedMessage[],
  destination: Pick<Destination, "dedupsByEventId">,
  deps: DeliverDeps,
): BatchLedger {
  const { clock, lane, log, metrics, queue, store } = deps;
  const acknowledged = new Set<string>();
  const postponed = new Map<string, { receiptHandle: string; seconds: number }>();
  const counts: Record<string, number> = {};
  const problems = new Map<string, { outcome: string; reason: string; ids: string[] }>();

  function acknowledge(message: ReceivedMessage): void {
    acknowledged.add(message.messageId);
  }

  function leave(message: ReceivedMessage, seconds: number): void {
    postponed.set(message.messageId, { receiptHandle: message.receiptHandle, seconds });
  }

  function count(outcome: string): void {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    metrics.add("Deliveries", 1, { destination: lane.id, outcome });
  }

  function problem(outcome: string, reason: string, id: string): void {
    const entry = problems.get(`${outcome}\n${reason}`) ?? { outcome, reason, ids: [] };
    problems.set(`${outcome}\n${reason}`, entry);
    entry.ids.push(id);
  }

  async function deadLettered(entries: readonly { body: string; reason: string }[]): Promise<boolean> {
    if (entries.length === 0) return true;
    try {
      await queue.deadLetter(entries);
      return true;
    } catch (error) {
      log.error("the dead-letter queue did not take everything; the messages stay on the lane", errorFields(error));
      return false;
    }
  }

  async function written(records: readonly DeliveryRecord[]): Promise<boolean> {
    try {
      if (records.length > 0) await store.writeRecords(records);
      return true;
    } catch (error) {
      log.error("receipts could not be written", { ...errorFields(error), records: records.length });
      return false;
    }
  }

  async function commit(decisions: readonly Decision[]): Promise<void> {
    const dead = decisions.filter((decision) => decision.deadLetter !== undefined);
    const took = await deadLettered(dead.map((it) => ({ body: it.item.message.body, reason: it.deadLetter ?? "" })));
    const valid = took ? decisions : decisions.filter((decision) => decision.deadLetter === undefined);
    const stored = await written(valid.map((decision) => decision.record));
    for (const decision of valid) {
      report(decision);
      const { message } = decision.item;
      if (decision.delaySeconds !== undefined) leave(message, decision.delaySeconds);
      else if (stored || confirmedWithoutReceipt(decision)) acknowledge(message);
    }
  }

  // Sending again completes the story where the platform drops the copy; where it does not, a gap in the story is
  // the smaller evil.
  function confirmedWithoutReceipt(decision: Decision): boolean {
    return decision.record.state === "delivered" && !destination.dedupsByEventId;
  }

  function report({ item, record, skip }: Decision): void {
    count(record.state);
    if (skip !== undefined) metrics.add("DeliveriesSkipped", 1, { destination: lane.id, reason: skip.code });
    if (record.state === "delivered") {
      const latency = Math.max(0, record.updated_at - item.event.received_at);
      metrics.add("DeliveryLatency", latency, { destination: lane.id });
    } else if (record.state !== "skipped") {
      problem(record.state, record.reason ?? "", loggableId(item.event.event_id));
    }
  }

  function decide(verdict: Verdict): Decision {
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
    const next = whenAgain(item, now, afterMs);
    if (next.kind === "retry") {
      const record = receipt(lane.id, item, { ...facts, reason, state: kind });
      return { item, record, delaySeconds: next.delaySeconds };
    }
    // The platform's last words stay on the record: "too late" alone would hide why.
    const whole = `${next.reason}; last: ${reason}`;
    const record = receipt(lane.id, item, { ...facts, reason: whole, state: "expired", attemptOutcome: kind });
    return { item, record, deadLetter: whole };
  }

  function whenAgain(item: LaneItem, now: number, afterMs: number | undefined): NextAttempt {
    return nextAttempt({
      attempts: (item.record?.attempt_count ?? 0) + 1,
      now,
      deadline: item.deadline,
      fraction: deps.random.fraction(),
      ...(afterMs === undefined ? {} : { afterMs }),
      ...(deps.retryPolicy === undefined ? {} : { policy: deps.retryPolicy }),
    });
  }

  return {
    acknowledge,
    leave,
    async poison(entries) {
      const took = await deadLettered(entries.map(({ message, reason }) => ({ body: message.body, reason })));
      for (const { message, reason } of entries) {
        if (!took) continue;
        acknowledge(message);
        count("rejected");
        problem("rejected", `not a lane message: ${reason}`, `message ${message.messageId}`);
      }
    },
    async skip(entries) {
      const now = clock.now();
      await commit(
        entries.map(({ item, skip }) => ({
          item,
          skip,
          record: receipt(lane.id, item, { state: "skipped", now, skip }),
        })),
      );
    },
    async expire(items) {
      const now = clock.now();
      await commit(
        items.map((item) => {
          const last = item.record?.reason;
          const reason = last === undefined ? item.deadline.reason : `${item.deadline.reason}; last: ${last}`;
          return { item, deadLetter: reason, record: receipt(lane.id, item, { state: "expired", now, reason }) };
        }),
      );
    },
    async settle(verdicts) {
      await commit(verdicts.map(decide));
    },
    async finish() {
      const failures = messages.filter((message) => !acknowledged.has(message.messageId));
      const hidden = failures.flatMap((message) => postponed.get(message.messageId) ?? []);
      try {
        if (hidden.length > 0) await queue.postpone(hidden);
      } catch (error) {
        // They come back when the queue's own visibility timeout ends.
        log.error("messages could not be postponed", { lane: lane.id, ...errorFields(error) });
      }
      for (const { outcome, reason, ids } of problems.values()) logProblem(deps, outcome, reason, ids);
      log.info("lane batch", { lane: lane.id, messages: messages.length, returned: failures.length, ...counts });
      return failures.map((message) => message.messageId);
    },
  };
}

const SEVERE: ReadonlySet<string> = new Set<DeliveryState>(["rejected", "unauthorized", "expired"]);

function logProblem({ lane, log }: DeliverDeps, outcome: string, reason: string, ids: readonly string[]): void {
  for (let from = 0; from < ids.length; from += IDS_PER_LINE) {
    const slice = ids.slice(from, from + IDS_PER_LINE);
    const fields = { lane: lane.id, outcome, reason, events: slice.length, event_ids: slice.join(" ") };
    if (SEVERE.has(outcome)) log.error("not delivered", fields);
    else log.warn("not delivered yet", fields);
  }
}

/** An error as log fields: its class and message, which of our adapters and the SDK hold nothing personal. */
export function errorFields(error: unknown): Record<string, string> {
  return error instanceof Error
    ? { error: error.name, error_message: error.message.slice(0, 300) }
    : { error: typeof error };
}
