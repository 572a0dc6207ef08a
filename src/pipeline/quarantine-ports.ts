import type { QuarantinedEvent } from "../core/delivery-record.ts";

/** Refused events of one UTC day. */
interface QuarantineRange {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** Epoch ms, both inclusive. */
  readonly from: number;
  readonly until: number;
  readonly limit: number;
}

/** Quarantine, seen from who goes through all of it. */
export interface QuarantineDays {
  /** Newest first. The order does not depend on `limit`. */
  listQuarantined(range: QuarantineRange): Promise<readonly QuarantinedEvent[]>;
}
