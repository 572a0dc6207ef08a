import { createMemoryFindingStore } from "../../src/adapters/memory/finding-store.ts";
import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import { HOUR_MS } from "../../src/core/durations.ts";

import { judgeHours } from "../../src/pipeline/reconcile.ts";
import { deadLettersOf } from "./queues.ts";
import type { Scenario } from "./scenarios.ts";
import type { World } from "./world.ts";

/** A difference that the reconciliation found. */
export interface FoundDifference {
  readonly subject: string;
  readonly sentence: string;
}

/** Has the reconciliation judge every hour of a run that has come to rest, as if the last one had just settled. */
export async function differencesIn(
  world: World,
  scenario: Pick<Scenario, "platforms" | "retryWindowMs">,
  restsAt: number,
): Promise<FoundDifference[]> {
  const { archive, controls, counts, queues, store } = world;
  const now = restsAt + 2 * HOUR_MS;
  const findings = createMemoryFindingStore();
  const depth = (queue: string) => queues.list(queue).length;
  await judgeHours(
    hoursOf(world, restsAt).map((hour) => ({ hour, isFinal: false, missingBefore: new Map() })),
    Number.POSITIVE_INFINITY,
    {
      archive,
      clock: { now: () => now },
      controls,
      counts,
      depths: {
        events: async () => depth("events.fifo") + depth(deadLettersOf("events.fifo")),
        lane: async (lane) => depth(`lane-${lane}`),
      },
      findings,
      keptMs: 29 * 24 * HOUR_MS,
      lanes: scenario.platforms.map(({ lane }) => lane),
      log: { info() {}, warn() {}, error() {}, step() {} },
      metrics: { add() {}, flush() {} },
      qualityDetectors: [],
      results: createMemoryReconciliationStore(),
      retryWindowMs: scenario.retryWindowMs,
      sources: ["server", "browser"],
      store,
    },
  );
  return findings.findings().map(({ sentence, subject }) => ({ subject, sentence }));
}

/** The hours in which something was taken in or archived. */
function hoursOf({ archive, counts }: World, restsAt: number): number[] {
  const times = [...counts.times(), ...archive.events().map(({ archived_at: at }) => at)];
  const hours = new Set(times.filter((at) => at < restsAt).map((at) => Math.floor(at / HOUR_MS) * HOUR_MS));
  return [...hours].sort((a, b) => a - b);
}
