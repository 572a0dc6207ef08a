import type { ReconciledHour } from "../../core/reconciliation.ts";
import type { ReconciliationStore } from "../../pipeline/reconcile-ports.ts";

/** Accounts of hours in memory, for tests and simulation. */
export function createMemoryReconciliationStore(): ReconciliationStore {
  const accounts = new Map<number, ReconciledHour>();
  return {
    async read(hours) {
      return hours.map((hour) => structuredClone(accounts.get(hour)));
    },
    async save(account) {
      accounts.set(account.hour, structuredClone(account));
    },
  };
}
