import type { ConsentPurpose, ConsentState } from "./consent.ts";
import { partitionKey, type RoutingDecision, sortKeyPrefix } from "./delivery-record.ts";
import type { CanonicalEvent } from "./event.ts";
import { eventKey } from "./event-key.ts";
import type { ArchivedQuality } from "./quality-rollup.ts";

/**
 * One line of the archive: an accepted event as enrich sent it out, before any lane's copy of it was cut down; or a later
 * copy of one that waited for it (`copy_of`), which is no event of its own. Both hold personal data in clear. The same event may be there twice after a crash: readers drop the second by `copy_id`.
 */
export interface ArchivedEvent {
  readonly v: 1;
  /** Epoch ms, enrich's clock. Objects are found by it: they hold what was archived within some minutes. */
  readonly archived_at: number;
  /** Of the copy that owns the claim, or of this later one. */
  readonly copy_id: string;
  /** Only in the line of a later copy: the first one. */
  readonly copy_of?: { readonly received_at: number; readonly source: string };
  /** Until when the event waited for another copy, epoch ms. */
  readonly merge_until?: number;
  /** Purposes in `consent` that only a default refused; absent in lines of events that waited for nothing. */
  readonly undecided?: readonly ConsentPurpose[];
  /** Hashed, and filled from the identity graph; e-mail and phone in clear are only the event's own. */
  readonly event: CanonicalEvent;
  /** Answers and refusals as `consentToSend` gave them. */
  readonly consent: ConsentState;
  /** What the story says was taken out of it, by place and kind; absent when nothing was. */
  readonly removed?: readonly string[];
  /** What was decided for the lanes of that day; the score is absent in lines of before it was kept. */
  readonly decisions: readonly ArchivedDecision[];
}

/**
 * In the line of a later copy `quality` is that of both copies together, absent where they are not sent, and `was` that
 * of the first one alone.
 */
interface ArchivedDecision extends Readonly<Pick<RoutingDecision, "lane" | "send">> {
  readonly quality?: ArchivedQuality;
  readonly was?: ArchivedQuality;
}

/** Whether a line is of a later copy. Whoever looks for persons reads it like any other; whoever counts events does not. */
export function isLaterCopy({ copy_of }: ArchivedEvent): boolean {
  return copy_of !== undefined;
}

/** The same for both lines of an event that a crash put into the archive twice, and for no other two. */
export function archivedLineId({ copy_id, event }: Pick<ArchivedEvent, "copy_id" | "event">): string {
  const key = eventKey(event);
  return `${copy_id}\u0000${partitionKey(key)}\u0000${sortKeyPrefix(key)}`;
}
