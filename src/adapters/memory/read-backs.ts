import type { LaneReadBack } from "../../core/quality-read-back.ts";
import type { ReadBackStore } from "../../pipeline/read-back-ports.ts";

/** Read-backs in memory, for tests. */
export function createMemoryReadBacks(): ReadBackStore {
  const kept = new Map<string, LaneReadBack>();
  const leases = new Map<string, number>();
  return {
    async read(lanes) {
      return lanes.map((lane) => structuredClone(kept.get(lane)));
    },
    async take(lane, now, leaseMs) {
      const isDue = (kept.get(lane)?.next_at ?? 0) <= now;
      if (!isDue || (leases.get(lane) ?? 0) > now) return false;
      leases.set(lane, now + leaseMs);
      return true;
    },
    async save(readBack) {
      kept.set(readBack.lane, structuredClone(readBack));
      leases.delete(readBack.lane);
    },
  };
}
