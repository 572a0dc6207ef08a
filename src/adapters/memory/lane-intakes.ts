import type { LaneIntakes } from "../../pipeline/lane-control-ports.ts";

/** Intakes in memory, all open at first. */
export interface MemoryLaneIntakes extends LaneIntakes {
  /** Lanes whose intake is off. */
  readonly closed: ReadonlySet<string>;
}

/** Switches that always work. */
export function createMemoryLaneIntakes(): MemoryLaneIntakes {
  const closed = new Set<string>();
  return {
    closed,
    async isOpen(lane) {
      return !closed.has(lane);
    },
    async set(lane, open) {
      if (open) closed.delete(lane);
      else closed.add(lane);
    },
  };
}
