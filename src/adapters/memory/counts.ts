import type { MetricName } from "../../core/metric-names.ts";
import { SLOT_MS } from "../../core/reconciliation.ts";
import type { Metrics } from "../../pipeline/ports.ts";
import type { Counted, CountsReader } from "../../pipeline/reconcile-ports.ts";

/** CloudWatch's counts in memory, for tests and simulation. */
export interface MemoryCounts extends CountsReader {
  /** What one λ container counts with: gathered until it is flushed at this clock (epoch ms), and lost with it before. */
  metricsOf(now: () => number): Metrics;
  /** Counts straight away, at `at` (epoch ms). */
  count(counted: Counted, value: number, at: number): void;
  /** Slots in which anything was counted. */
  times(): number[];
}

/** No counts yet. */
export function createMemoryCounts(): MemoryCounts {
  const slots = new Map<string, Map<number, number>>();
  const of = (counted: Counted) => {
    const dimensions = counted.metric === "dropped_by_events_queue" ? {} : (counted.dimensions ?? {});
    const key = JSON.stringify([counted.metric, Object.entries(dimensions).sort()]);
    const found = slots.get(key) ?? new Map<number, number>();
    slots.set(key, found);
    return found;
  };
  const count = (counted: Counted, value: number, at: number) => {
    const slot = Math.floor(at / SLOT_MS) * SLOT_MS;
    const sums = of(counted);
    sums.set(slot, (sums.get(slot) ?? 0) + value);
  };
  return {
    count,
    times: () => [...slots.values()].flatMap((sums) => [...sums.keys()]),
    metricsOf(now) {
      let gathered: { metric: MetricName; value: number; dimensions: Readonly<Record<string, string>> }[] = [];
      return {
        add: (metric, value, dimensions = {}) => void gathered.push({ metric, value, dimensions }),
        flush() {
          const at = now();
          for (const { value, ...counted } of gathered) count(counted, value, at);
          gathered = [];
        },
      };
    },
    counts: async (wanted, from, to) =>
      wanted.map((it) => new Map([...of(it)].filter(([at]) => at >= from && at < to))),
  };
}
