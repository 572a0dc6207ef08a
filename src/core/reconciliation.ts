import type { DeliveryRecord } from "./delivery-record.ts";
import { MINUTE_MS } from "./durations.ts";
import { type DeliveryState, FINAL_STATES } from "./outcome.ts";
import type { QualityCell } from "./quality-rollup.ts";
import type { SensitiveCell } from "./sensitive-rollup.ts";

/** Width of the slots in which flows are counted, ms: the finest that CloudWatch keeps for two months. */
export const SLOT_MS = 5 * MINUTE_MS;

/** Counts by slot (its start, epoch ms). A slot that is not there counted nothing. */
export type Slots = ReadonlyMap<number, number>;

/** One lane's part of an hour's account. */
export interface ReconciledLane {
  readonly lane: string;
  /** Events that enrich decided to send. */
  readonly expected: number;
  /** Their states; `pending` is no record at all. */
  readonly outcomes: Readonly<Partial<Record<DeliveryState, number>>>;
  /** Not ended, and with a reason: the lane is stopped, its queue holds messages, or it is not configured any more. */
  readonly waiting: number;
  /** Neither ended nor on a queue. */
  readonly unexplained: number;
}

/** One hour's account: what came in at the door against what each later hop has. Times are epoch ms. */
export interface ReconciledHour {
  readonly hour: number;
  readonly judged_at: number;
  /** True once nothing is left that a later look could change. */
  readonly settled: boolean;
  readonly accepted: number;
  /** Refused at the door: they take the same queue to quarantine. */
  readonly refused: number;
  readonly claimed: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Copies that the events queue dropped within five minutes of the first. */
  readonly dropped_by_queue: number;
  /** Went into the events queue and came out of it nowhere. */
  readonly missing: number;
  /** Distinct events; absent without an archive: then nothing below the claim is known event by event. */
  readonly archived?: number;
  /** Lines that the archive took and does not have, and events that never got there. */
  readonly unarchived: number;
  /** Lines of the archive that could not be read. */
  readonly unreadable: number;
  readonly lanes: readonly ReconciledLane[];
  /** One sentence for each thing that nothing explains. */
  readonly differences: readonly string[];
  /** Match quality of what was archived, of one version of its rules; absent without an archive. */
  readonly quality?: { readonly version: number; readonly cells: readonly QualityCell[] };
  /** What was taken out of events as sensitive, and where; absent without an archive, and in accounts of before it was kept. */
  readonly sensitive?: readonly SensitiveCell[];
}

/** What went into a queue and what came out, by slot. */
export interface Flow {
  readonly into: Slots;
  readonly outOf: Slots;
}

/**
 * How many went into the queue from `from` to `to` and have not come out by `until` (epoch ms, on slots): at least so
 * many, however the counts were cut. Counts are cut by the clocks of different workers, and what is under way at a cut
 * is in one count and not yet in the other. So every cut from `to` on is tried, each with what may have been under way
 * there: no more than what came just before it, and no more than what left just after it.
 */
export function missingBetween({ into, outOf }: Flow, from: number, to: number, until: number): number {
  const before = Math.min(outOf.get(from - SLOT_MS) ?? 0, into.get(from) ?? 0);
  let balance = between(into, from, to) - between(outOf, from, to);
  let least = Number.POSITIVE_INFINITY;
  for (let cut = to; cut <= until; cut += SLOT_MS) {
    const came = into.get(cut - SLOT_MS) ?? 0;
    const leaves = cut === until ? came : (outOf.get(cut) ?? 0);
    least = Math.min(least, balance - Math.min(came, leaves));
    balance += (into.get(cut) ?? 0) - (outOf.get(cut) ?? 0);
  }
  return Math.max(0, least - before);
}

/** Sum over the slots from `from` (inclusive) to `to` (exclusive). */
export function between(slots: Slots, from: number, to: number): number {
  let sum = 0;
  for (const [at, count] of slots) if (at >= from && at < to) sum += count;
  return sum;
}

/** Adds counts up, slot by slot. */
export function added(all: readonly Slots[]): Slots {
  const sums = new Map<number, number>();
  for (const slots of all) for (const [at, count] of slots) sums.set(at, (sums.get(at) ?? 0) + count);
  return sums;
}

/** What may explain that an event has no end at a lane. */
export interface LaneSituation {
  readonly now: number;
  /** Not of this deployment any more: nobody can know what its queue holds. */
  readonly isRemoved: boolean;
  /** Stopped, or was not so long ago that what waited must have passed. */
  readonly isHeldUp: boolean;
  /** Messages on the lane's queue, read before the records. */
  readonly onQueue: number;
  /** True for the look after the last deadline: messages of that age are others'. */
  readonly isFinal: boolean;
  /** How long a lane keeps trying, ms. */
  readonly retryWindowMs: number;
}

/** A worker that marked its attempt ends or dies within this, ms. */
const LONGEST_ATTEMPT_MS = 10 * MINUTE_MS;

/**
 * What the state of one event at a lane says: it has an end; something explains that it has none; its answer was never
 * written (`unconfirmed`: it was sent, and most likely arrived); or nobody has it (`lost`).
 */
export function judgeDelivery(
  record: Pick<DeliveryRecord, "state" | "updated_at"> | undefined,
  lane: LaneSituation,
): "ended" | "waiting" | "unconfirmed" | "lost" {
  if (record !== undefined && FINAL_STATES.has(record.state)) return "ended";
  if (lane.isRemoved || lane.isHeldUp) return "waiting";
  const isWorkedOn = record !== undefined && record.updated_at > lane.now - lane.retryWindowMs;
  if (lane.onQueue > 0 && (!lane.isFinal || isWorkedOn)) return "waiting";
  if (record?.state !== "attempting") return "lost";
  return record.updated_at > lane.now - LONGEST_ATTEMPT_MS ? "waiting" : "unconfirmed";
}
