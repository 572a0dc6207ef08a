import type { QuarantinedEvent } from "../core/delivery-record.ts";
import type { EventKey } from "../core/event.ts";
import type { PrivacyJob, PrivacyKind } from "../core/privacy-job.ts";

/** Where people's requests for their data are kept. */
export interface PrivacyJobStore {
  read(id: string): Promise<PrivacyJob | undefined>;
  /** Newest first. A job that was just made may be missing for a second. */
  list(options: {
    state?: PrivacyJob["state"];
    kind?: PrivacyKind;
    limit: number;
    /** The id of the last one of the page before. */
    before?: string;
  }): Promise<PrivacyJob[]>;
  /** Stores it when the stored one still has `job.version - 1` (0: is absent); false means somebody was faster. */
  save(job: PrivacyJob): Promise<boolean>;
}

/** The archive, seen from an erasure. Throws when the store does not answer. */
export interface ArchiveEraser {
  /**
   * Puts other lines in place of some of an object's, one for one. False when somebody else replaced the object
   * meanwhile; an object that is gone is none to rewrite.
   */
  rewrite(key: string, lineFor: (line: string) => string): Promise<boolean>;
  /** Deletes everything whose key begins so; answers how much there was. */
  removeFolder(prefix: string): Promise<number>;
}

/** The delivery table, seen from an erasure. */
export interface ForgettableDeliveries {
  /**
   * Takes out of claims, receipts and later copies of these events whose they were; answers of how many. That they were
   * there and what became of them stays.
   */
  forgetEvents(keys: readonly EventKey[]): Promise<number>;
  /** Of one UTC day (`YYYY-MM-DD`), newest first; times in epoch ms, both inclusive. */
  listQuarantined(range: {
    readonly day: string;
    readonly from: number;
    readonly until: number;
    readonly limit: number;
  }): Promise<readonly QuarantinedEvent[]>;
  /** Takes the entry out of quarantine unless another one has replaced it; false means that it was not this one any more. */
  removeQuarantined(entry: QuarantinedEvent): Promise<boolean>;
}
