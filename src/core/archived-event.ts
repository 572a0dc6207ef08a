import type { ConsentState } from "./consent.ts";
import type { RoutingDecision } from "./delivery-record.ts";
import type { CanonicalEvent } from "./event.ts";
import type { ArchivedQuality } from "./quality-rollup.ts";

/**
 * One line of the archive: an accepted event as enrich sent it out, before any lane's copy of it was cut down. Holds
 * personal data in clear. The same event may be there twice after a crash: readers drop the second by `copy_id`.
 */
export interface ArchivedEvent {
  readonly v: 1;
  /** Epoch ms, enrich's clock. Objects are found by it: they hold what was archived within some minutes. */
  readonly archived_at: number;
  /** Of the copy that owns the claim. */
  readonly copy_id: string;
  /** Hashed, and filled from the identity graph. */
  readonly event: CanonicalEvent;
  /** Answers and refusals as `consentToSend` gave them. */
  readonly consent: ConsentState;
  /** What was decided for the lanes of that day; the score is absent in lines of before it was kept. */
  readonly decisions: readonly (Pick<RoutingDecision, "lane" | "send"> & { readonly quality?: ArchivedQuality })[];
}
