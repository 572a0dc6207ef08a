import type { RoutingDecision } from "../../core/delivery-record.ts";
import type { Identifier } from "../../core/destination.ts";
import type { LaneReadBack } from "../../core/quality-read-back.ts";
import type { QualityRow } from "../../core/quality-rollup.ts";

/** Match quality in a window, and of one event where it is asked for. Absent figures were not measured. */
export interface QualityView {
  readonly window: { readonly from: number; readonly to: number };
  /** Score, 0 to 10, of what was sent, and of how many events. */
  readonly destinations: readonly {
    readonly lane: string;
    readonly score?: number;
    readonly events: number;
    /** What the platform said last of its own score, where it is asked. */
    readonly platform?: Omit<LaneReadBack, "lane" | "next_at">;
  }[];
  /** By source, event and destination, of whole hours that the reconciliation has read. Absent unless asked for. */
  readonly report?: {
    /** False where the archive is turned off: nothing is added up then. */
    readonly available: boolean;
    /** Hours in it; younger ones and those of other versions of the rules are not. */
    readonly hours: number;
    readonly version: number;
    readonly rows: readonly QualityRow[];
  };
  /** Share of the first copies, 0 to 1, that carried the identifier themselves. */
  readonly presence: Readonly<Partial<Record<Identifier, number>>>;
  readonly events: readonly {
    readonly event_id: string;
    readonly dedup_scope: string;
    readonly name: string;
    readonly carried: readonly Identifier[];
    readonly destinations: readonly ({ readonly lane: string } & NonNullable<RoutingDecision["quality"]>)[];
  }[];
}
