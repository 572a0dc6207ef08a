import { type Destination, dropsCopies, type SkipReason } from "../core/destination.ts";
import { createBatchReport } from "./batch-report.ts";
import { createBatchWrites } from "./batch-writes.ts";
import { receipt } from "./delivery-receipt.ts";
import { errorFields } from "./error-fields.ts";
import type { DeliverDeps, LaneItem, ReceivedMessage, Verdict } from "./lane.ts";
import type { LaneGate } from "./lane-breaker.ts";
import { deadLetterBody } from "./lane-message.ts";
import { type Decision, deadLetter, decide } from "./verdict-decision.ts";

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
  /** Its lane is stopped: comes back when that may be over, with nothing written. */
  hold(message: ReceivedMessage): void;
  /** Never an event: to the DLQ. */
  poison(messages: readonly { message: ReceivedMessage; reason: string }[]): Promise<void>;
  skip(items: readonly { item: LaneItem; skip: SkipReason }[]): Promise<void>;
  expire(items: readonly LaneItem[]): Promise<void>;
  /** Writes what the platform's answer means, at once: a crash after this sends none of these again. */
  settle(verdicts: readonly Verdict[]): Promise<void>;
  /** Hides what comes back later, logs the batch, and tells which messages failed. */
  finish(): Promise<string[]>;
}

/** What a ledger works with. */
export interface LedgerScope {
  readonly destination: Pick<Destination, "dedupsByEventId">;
  readonly deps: DeliverDeps;
  readonly gate: Pick<LaneGate, "holdSeconds">;
}

/** A ledger for one invocation; nothing in it outlives `finish`. */
export function createBatchLedger(
  messages: readonly ReceivedMessage[],
  { destination, deps, gate }: LedgerScope,
): BatchLedger {
  const { clock, lane, log, queue } = deps;
  const { deadLettered, noted, written } = createBatchWrites(deps);
  const acknowledged = new Set<string>();
  const postponed = new Map<string, { receiptHandle: string; seconds: number }>();
  const report = createBatchReport(deps);

  function acknowledge(message: ReceivedMessage): void {
    acknowledged.add(message.messageId);
  }

  function leave(message: ReceivedMessage, seconds: number): void {
    postponed.set(message.messageId, { receiptHandle: message.receiptHandle, seconds });
  }

  async function commit(decisions: readonly Decision[]): Promise<void> {
    const dead = decisions.filter((decision) => decision.deadLetter !== undefined);
    const took = await deadLettered(dead.map(deadLetterEntry));
    const valid = took ? decisions : decisions.filter((decision) => decision.deadLetter === undefined);
    const changed = valid.filter(({ unchanged }) => unchanged !== true);
    const sent = changed.filter(({ unsent }) => unsent !== true);
    const [stored] = await Promise.all([
      written(sent.map(({ record }) => record)),
      noted(changed.filter(({ unsent }) => unsent === true)),
    ]);
    for (const decision of valid) {
      report.decided(decision);
      const { message } = decision.item;
      if (decision.delaySeconds !== undefined) leave(message, decision.delaySeconds);
      else if (stored || confirmedWithoutReceipt(decision)) acknowledge(message);
    }
  }

  // Sending again completes the story where the platform drops the copy; where it does not, a gap in the story is
  // the smaller evil.
  function confirmedWithoutReceipt(decision: Decision): boolean {
    return decision.record.state === "delivered" && !dropsCopies(destination, decision.item.event);
  }

  return {
    acknowledge,
    leave,
    hold(message) {
      leave(message, gate.holdSeconds(message.receiveCount) ?? 1);
      report.held();
    },
    async poison(entries) {
      const took = await deadLettered(entries.map(({ message, reason }) => ({ body: message.body, reason })));
      for (const { message, reason } of entries) {
        if (!took) continue;
        acknowledge(message);
        report.poisoned(message.messageId, reason);
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
          const record = receipt(lane.id, item, { state: "expired", now, reason });
          return { item, record, ...deadLetter(item, reason) };
        }),
      );
    },
    async settle(verdicts) {
      await commit(verdicts.map((verdict) => decide(verdict, deps, gate)));
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
      report.write(messages.length, failures.length);
      return failures.map((message) => message.messageId);
    },
  };
}

/** Marked with the receipt's own time: only a receipt that was written later outlasts a redrive. */
function deadLetterEntry({ item, record, deadLetter = "" }: Decision): { body: string; reason: string } {
  return { body: deadLetterBody(item.message.body, record.updated_at), reason: deadLetter };
}
