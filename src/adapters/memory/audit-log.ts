import { type AuditMark, chainEntry } from "../../core/audit.ts";
import type { AuditEntry } from "../../core/audit-entry.ts";
import type { AuditLog } from "../../ops/audit-log.ts";

/** The audit log in memory, for tests. */
export function createMemoryAuditLog(): AuditLog {
  const entries: AuditEntry[] = [];
  const head = (): AuditMark | undefined => {
    const last = entries.at(-1);
    return last === undefined ? undefined : { number: last.number, digest: last.digest };
  };
  return {
    async append(draft) {
      const entry = structuredClone(chainEntry(head(), draft));
      entries.push(entry);
      return structuredClone(entry);
    },
    read: async (from, limit) => structuredClone(entries.slice(from - 1, from - 1 + limit)),
    head: async () => head(),
  };
}
