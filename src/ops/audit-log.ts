import type { AuditEntry } from "../core/audit-entry.ts";

/** The audit log's storage. */
export interface AuditLog {
  /** Numbers, chains and stores the entry. Throws when it cannot be stored: then what it speaks of must not be done. */
  append(entry: Pick<AuditEntry, "at" | "actor" | "action" | "target" | "details">): Promise<AuditEntry>;
  /** Entries from number `from` on, in order, at most `limit`. */
  read(from: number, limit: number): Promise<AuditEntry[]>;
}
