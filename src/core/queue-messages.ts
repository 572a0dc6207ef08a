import type { ConsentPurpose } from "./consent.ts";
import type { QuarantinedEvent } from "./delivery-record.ts";
import type { CanonicalEvent } from "./event.ts";

/** Body of a message on `events.fifo`. `copy_id` names this copy through redeliveries and redrives. */
export type IngestMessage =
  | { v: 1; kind: "event"; copy_id: string; event: CanonicalEvent }
  | { v: 1; kind: "quarantine"; copy_id: string; quarantined: QuarantinedEvent };

/** The group of what a replay puts on a lane, so that live events pass it. No source can have this id. */
export const REPLAY_GROUP = "(replay)";

/** Body of a message on a lane queue: the enriched event for one destination. */
export interface LaneMessage {
  v: 1;
  lane: string;
  /** When enrich put it there, epoch ms. */
  enqueued_at: number;
  /** When the lane gave the event up and put it on its DLQ, epoch ms: who sees this was redriven by a person. */
  dead_lettered_at?: number;
  /** Put here by a replay: what ended before `requested_at` without being delivered is tried again; with `force` also what was delivered. */
  replay?: { job: string; requested_at: number; force?: true };
  /**
   * Waited for another copy until then (epoch ms): the lane asks for one whenever it reads this. `undecided` are purposes
   * that only a default refused, `score` the match quality of the first copy.
   */
  merge?: { until: number; undecided?: ConsentPurpose[]; score?: number };
  event: CanonicalEvent;
}
