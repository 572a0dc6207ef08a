import type { ArchivedEvent } from "../../core/archived-event.ts";
import type { PartialBehaviour } from "../../core/consent-behaviour.ts";
import type { ClaimResult, DeliveryAttempt, LaterCopy, RoutingDecision } from "../../core/delivery-record.ts";
import type { SkipReason } from "../../core/destination.ts";
import type { Explanation } from "../../core/explanation.ts";
import type { LaneControl } from "../../core/lane-control.ts";
import type { DeliveryState } from "../../core/outcome.ts";
import type { QuarantineRow } from "./quarantine.ts";

/** Of `GET /v1/ops/events/{event_id}`: one entry for each name and dedup scope that has an event of this id. */
export interface EventStories {
  readonly event_id: string;
  readonly found: boolean;
  readonly events: readonly EventStoryView[];
}

/** All that is known of one event. `story`, `copies` and `first_received_at` are there once enrich has claimed it. */
export interface EventStoryView extends Partial<Omit<ClaimResult, "owner">> {
  readonly event_id: string;
  readonly dedup_scope: string;
  readonly name: string;
  readonly deliveries: readonly DeliveryStory[];
  readonly quarantined?: QuarantineRow;
  /** Later copies that brought something to an event that waited for them, oldest first. */
  readonly later_copies?: readonly LaterCopy[];
  /** `unknown`: there was no time to read all objects that may hold it; `off`: there is no archive. */
  readonly archived: "yes" | "no" | "unknown" | "off";
  /** As it is archived, in clear; only with `personal`. */
  readonly archived_event?: ArchivedEvent;
}

/** One destination's part of an event's story. */
export interface DeliveryStory {
  readonly lane: string;
  readonly state: DeliveryState;
  readonly decision?: RoutingDecision;
  readonly attempts: readonly DeliveryAttempt[];
  readonly attempt_count: number;
  readonly updated_at?: number;
  readonly delivered_at?: number;
  /** Sources whose later copies were in the last request beside the first one. */
  readonly merged?: readonly string[];
  /** Sources whose later copies the lane knew and had nothing to send of. A copy of neither came when it had asked. */
  readonly heard?: readonly string[];
  /** In which form it was in the last request, where consent did not allow the whole of it. */
  readonly sent_as?: PartialBehaviour;
  /** Id of the last replay that put the event on the lane. */
  readonly replay?: string;
  readonly reason?: string;
  readonly skip?: SkipReason;
  /** Of what is not delivered and not on its way. */
  readonly explanation?: Explanation;
  /** The lane is stopped, since when and why: what is `pending` waits for that. */
  readonly stopped?: Pick<LaneControl, "state" | "since" | "reason" | "by" | "probe_at">;
}
