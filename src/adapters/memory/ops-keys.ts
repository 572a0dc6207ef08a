import type { OpsKeyStore, StoredOpsKey } from "../../ops/ops-key.ts";

/** Ops keys in memory, for tests; `now` gives epoch ms. */
export function createMemoryOpsKeys(now: () => number): OpsKeyStore {
  const keys = new Map<string, StoredOpsKey>();
  return {
    read: async (id) => structuredClone(keys.get(id)),
    async create(key) {
      if (keys.has(key.id)) return false;
      keys.set(key.id, structuredClone(key));
      return true;
    },
    async revoke(id, at) {
      const key = keys.get(id);
      if (key === undefined || key.revoked_at !== undefined) return false;
      keys.set(id, { ...key, revoked_at: at });
      return true;
    },
    list: async () =>
      [...keys.values()]
        .filter(
          ({ revoked_at, expires_at = Number.POSITIVE_INFINITY }) => revoked_at === undefined && expires_at > now(),
        )
        .sort((a, b) => b.created_at - a.created_at)
        .map((key) => structuredClone(key)),
    async markUsed(id, day) {
      const key = keys.get(id);
      if (key !== undefined && key.revoked_at === undefined) keys.set(id, { ...key, last_used_day: day });
    },
  };
}
