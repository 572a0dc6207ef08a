import type { TombstoneStore } from "../../pipeline/erasures.ts";

/** Tombstones in memory, for tests and simulation. Without a clock nothing expires. */
export interface MemoryTombstones extends TombstoneStore {
  /** Names of those that stand. */
  names(): string[];
}

/** No tombstones. */
export function createMemoryTombstones({ now = () => 0 }: { now?: () => number } = {}): MemoryTombstones {
  const stones = new Map<string, { erasedAt: number; until: number }>();
  const head: { secret?: string; lastAt?: number; until: number } = { until: 0 };
  const isOver = (until: number) => Math.ceil(until / 1_000) * 1_000 <= now();
  return {
    async head() {
      const { lastAt: last_at, secret, until } = head;
      if (secret === undefined || last_at === undefined || isOver(until)) return undefined;
      return { secret, last_at, until: Math.ceil(until / 1_000) * 1_000 };
    },
    async erasedAt(names) {
      return names.map((name) => {
        const stone = stones.get(name);
        return stone === undefined || isOver(stone.until) ? undefined : stone.erasedAt;
      });
    },
    async secret(fresh, until) {
      head.secret ??= fresh;
      head.until = Math.max(head.until, until);
      return head.secret;
    },
    async put(names, times) {
      for (const name of names) {
        const stone = stones.get(name);
        if (stone === undefined || stone.erasedAt < times.erasedAt) stones.set(name, { ...times });
      }
    },
    async announce({ last_at, secret }) {
      if (head.secret !== secret) throw new Error("the head of erasures was replaced meanwhile");
      head.lastAt = Math.max(head.lastAt ?? 0, last_at);
    },
    names: () => [...stones.keys()],
  };
}
