import type { EventKey } from "../core/event-key.ts";
import type { QuarantineDays } from "./quarantine-ports.ts";
import type { StoredEvent } from "./trace.ts";

/** Where the parts of people's exports are kept until they are fetched. Throws when it does not answer. */
export interface ExportStore {
  /** Replaces what is there. */
  put(key: string, text: string): Promise<void>;
  /** Undefined when it is not there, or not any more. */
  get(key: string): Promise<string | undefined>;
}

/** The delivery table, seen from an export. */
export interface ExportReads extends QuarantineDays {
  /** Claims and receipts, in order. */
  readEvents(
    wanted: readonly { readonly key: EventKey; readonly lanes: readonly string[] }[],
  ): Promise<readonly StoredEvent[]>;
}
