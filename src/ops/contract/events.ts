import type { DeliveryState } from "../../core/outcome.ts";
import type { Page } from "./page.ts";

/** Of `GET /v1/ops/events`: how far back this page has looked, for lists that are found by searching the archive. */
export interface EventPage extends Page<EventRow> {
  /** Everything archived since then has been looked at, epoch ms; a page may be empty and still have a `next`. */
  readonly searched_to?: number;
  /** What came within this time may not be in the archive yet; it is found by its event id or its order id at once. */
  readonly archive_lag_seconds?: number;
  /** Lines of the archive that could not be read. */
  readonly unreadable?: number;
}

/** One line of a list of events. */
export interface EventRow {
  readonly event_id: string;
  readonly dedup_scope: string;
  /** Canonical name, or `custom:<own name>`. */
  readonly name: string;
  readonly event_time: number;
  readonly received_at: number;
  readonly source: string;
  readonly order_id?: string;
  readonly value?: string;
  readonly currency?: string;
  readonly person_id?: string;
  readonly destinations: readonly { readonly lane: string; readonly state: DeliveryState; readonly reason?: string }[];
  /** It was refused at the door. */
  readonly quarantined?: true;
}
