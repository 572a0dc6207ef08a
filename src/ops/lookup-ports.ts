import type { QuarantinedEvent } from "../core/delivery-record.ts";
import type { EventKey } from "../core/event-key.ts";
import type { DeliveryStore } from "../pipeline/ports.ts";
import type { StoredEvent, StoryReader } from "../pipeline/trace.ts";
import type { FindingRow } from "./contract/findings.ts";

/** An event whose state is asked for. */
interface WantedEvent {
  readonly key: EventKey;
  /** Whose receipts are read beside the claim. */
  readonly lanes: readonly string[];
}

/** Part of one day's list of what needs attention, newest first. */
export interface DayRange {
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** Epoch ms, both inclusive. */
  readonly from: number;
  readonly until: number;
  readonly limit: number;
}

/** A failed delivery, as it is listed. */
export interface ListedFailure {
  readonly key: EventKey;
  readonly lane: string;
  /** When it first failed so, epoch ms. */
  readonly at: number;
}

/** The delivery table, seen from people's questions. Throws when it does not answer. */
export interface EventLookups extends StoryReader, Pick<DeliveryStore, "readRecords"> {
  /** Claims and receipts, in order; both are missing where nothing is stored. Batched, and maybe a second old. */
  readEvents(wanted: readonly WantedEvent[]): Promise<StoredEvent[]>;
  /** Events of one order in one scope, in no order. */
  eventsOfOrder(dedupScope: string, orderId: string): Promise<EventKey[]>;
  /**
   * Lists are in an order that stays: who asks again with a larger `limit` gets the same ones first, then more. What
   * was written or has mended within the last second may be missing or still there.
   */
  listFailures(lane: string, range: DayRange): Promise<ListedFailure[]>;
  listQuarantined(range: DayRange): Promise<QuarantinedEvent[]>;
  listFindings(range: DayRange): Promise<FindingRow[]>;
  /** Takes the entry out of quarantine unless another one has replaced it; false means that it was not this one any more. */
  removeQuarantined(entry: QuarantinedEvent): Promise<boolean>;
}
