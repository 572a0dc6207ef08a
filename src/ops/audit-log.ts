import type { AuditDraft, AuditMark } from "../core/audit.ts";
import type { AuditEntry } from "../core/audit-entry.ts";

/** The audit log's storage. */
export interface AuditLog {
  /** Numbers, chains and stores the entry. Throws when it cannot be stored: then what it speaks of must not be done. */
  append(entry: AuditDraft): Promise<AuditEntry>;
  /** Entries from number `from` on, in order, at most `limit`. */
  read(from: number, limit: number): Promise<AuditEntry[]>;
  /**
   * The last entry's number and digest as they were noted apart from it. Entries are chained to it, so that a log whose
   * end was removed keeps the hole.
   */
  head(): Promise<AuditMark | undefined>;
}
