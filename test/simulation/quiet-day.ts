import type { Fault } from "./fault-plan.ts";
import { type RunResult, simulate } from "./run.ts";
import { type PlannedEvent, planScenario, type Scenario, START } from "./scenarios.ts";
import type { Subject } from "./subject.ts";

/** How a worker may end at one of its calls. */
export const DEATHS = ["dies_before", "dies_after", "hangs"] as const satisfies Fault[];

/** A quiet day with these events in one request: whatever goes wrong is what a test forces on it. */
export function quietDay(
  ids: readonly string[],
  lanes: readonly string[],
  change: Partial<PlannedEvent> = {},
): Scenario {
  const { platforms, ...rest } = planScenario(1, "calm");
  const events = ids.map(
    (id): PlannedEvent => ({
      id,
      name: "purchase",
      person: `person-${id}`,
      time: START - 1_000,
      value: "10.5",
      serverSays: "the same",
      bad: false,
      invalid: false,
      denied: [],
      excluded: [],
      ...change,
    }),
  );
  return {
    ...rest,
    faultsEndAt: START,
    platforms: platforms.filter(({ lane }) => lanes.includes(lane)),
    operations: [{ key: "report", at: START + 1, do: "report", source: "server", events }],
    skewMs: 0,
  };
}

/** One run of a day with these faults; what it broke is added to `failed`, with all that it takes to repeat it. */
export async function runWith(
  plan: Scenario,
  forced: ReadonlyMap<string, Fault>,
  { failed, subject }: { readonly failed: string[]; readonly subject: Subject },
): Promise<RunResult> {
  const result = await simulate({ seed: 1, subject, plan, forced });
  const [broken] = result.violations;
  if (broken !== undefined) failed.push(`${broken.rule}: ${broken.what}, after ${JSON.stringify([...forced])}`);
  return result;
}

/** Which pairs of deaths are tried. */
export interface PairPlan {
  readonly day: Scenario;
  readonly deaths: readonly Fault[];
  /** One pair in so many; 1 is all of them. Chosen by their order, so the same in each run. */
  readonly oneIn: number;
}

/**
 * Has workers die at two calls of one day. The second is any call that comes after the first death, on the way that the
 * day then takes: its calls are others than those of a day without it.
 */
export async function killTwice(
  { day, deaths, oneIn }: PairPlan,
  subject: Subject,
): Promise<{ pairs: number; failed: string[] }> {
  const failed: string[] = [];
  const { points } = await runWith(day, new Map(), { failed, subject });
  let candidates = 0;
  let pairs = 0;
  for (const first of points) {
    for (const death of deaths) {
      const once = await runWith(day, new Map([[first, death]]), { failed, subject });
      for (const second of once.points.slice(once.points.indexOf(first) + 1)) {
        for (const again of deaths) {
          candidates += 1;
          if (candidates % oneIn !== 0) continue;
          pairs += 1;
          const forced = new Map<string, Fault>([
            [first, death],
            [second, again],
          ]);
          await runWith(day, forced, { failed, subject });
        }
      }
    }
  }
  return { pairs, failed };
}
