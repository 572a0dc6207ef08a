import type { AuditEntry } from "../../core/audit-entry.ts";

/** Whether the audit log is whole. */
export type AuditVerdict =
  | { readonly intact: true; readonly entries: number; readonly last?: AuditEntry }
  | { readonly intact: false; readonly broken_at: number; readonly problem: string };
