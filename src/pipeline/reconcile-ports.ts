import type { MetricName } from "../core/metric-names.ts";
import type { ReconciledHour, Slots } from "../core/reconciliation.ts";

/** A metric of ours, or the copies that the events queue dropped, which only SQS counts. */
export type Counted =
  | { readonly metric: MetricName; readonly dimensions?: Readonly<Record<string, string>> }
  | { readonly metric: "dropped_by_events_queue" };

/** Counts by slot, from CloudWatch. */
export interface CountsReader {
  /** In order; `from` (inclusive) and `to` (exclusive) are epoch ms on slots. Throws when any cannot be read whole. */
  counts(wanted: readonly Counted[], from: number, to: number): Promise<Slots[]>;
}

/** How much the queues hold, in flight and hidden messages included. SQS counts approximately. */
export interface QueueDepths {
  /** The events queue and its dead letters. */
  events(): Promise<number>;
  lane(lane: string): Promise<number>;
}

/** Keeps each hour's account. */
export interface ReconciliationStore {
  /** In order; undefined where an hour was not judged. Eventually consistent. */
  read(hours: readonly number[]): Promise<(ReconciledHour | undefined)[]>;
  save(hour: ReconciledHour): Promise<void>;
}
