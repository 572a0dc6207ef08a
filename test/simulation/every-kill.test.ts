import type { Fault } from "./fault-plan.ts";
import { type RunResult, simulate } from "./run.ts";
import { type PlannedEvent, planScenario, type Scenario, START } from "./scenarios.ts";
import { subject } from "./subject.ts";

const DEATHS = ["dies_before", "dies_after", "hangs"] as const satisfies Fault[];
const MINUTE_MS = 60_000;

/** A quiet day with these events in one request: whatever goes wrong is what a test forces on it. */
function quiet(ids: readonly string[], lanes: readonly string[], change: Partial<PlannedEvent> = {}): Scenario {
  const { platforms, ...rest } = planScenario(1, "calm");
  const events = ids.map(
    (id): PlannedEvent => ({
      id,
      name: "purchase",
      person: `person-${id}`,
      time: START - 1_000,
      value: "10.5",
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

async function runWith(plan: Scenario, forced: ReadonlyMap<string, Fault>, failed: string[]): Promise<RunResult> {
  const result = await simulate({ seed: 1, subject, plan, forced });
  const [broken] = result.violations;
  if (broken !== undefined) failed.push(`${broken.rule}: ${broken.what}, after ${JSON.stringify([...forced])}`);
  return result;
}

test(
  "G2: three events, three lanes, and a worker that dies at any one of its calls, whichever it is",
  async () => {
    const failed: string[] = [];
    const plan = quiet(["a", "b", "c"], ["drops", "counts", "whole"]);
    const { accepted, points } = await runWith(plan, new Map(), failed);
    expect(accepted).toBe(3);
    expect(points.length).toBeGreaterThan(25);
    for (const point of points) {
      for (const death of DEATHS) await runWith(plan, new Map([[point, death]]), failed);
    }
    expect(failed).toEqual([]);
  },
  5 * MINUTE_MS,
);

test(
  "G3: any two deaths of workers on the way of one event to a platform that counts copies",
  async () => {
    const failed: string[] = [];
    const plan = quiet(["a"], ["counts"]);
    const { points } = await runWith(plan, new Map(), failed);
    let pairs = 0;
    for (const first of points) {
      for (const death of ["dies_before", "dies_after"] as const) {
        const once = await runWith(plan, new Map([[first, death]]), failed);
        // What comes after the first death is another run than before: its own calls are the second's candidates.
        for (const second of once.points.slice(once.points.indexOf(first) + 1)) {
          for (const again of ["dies_before", "dies_after"] as const) {
            pairs += 1;
            const forced = new Map<string, Fault>([
              [first, death],
              [second, again],
            ]);
            await runWith(plan, forced, failed);
          }
        }
      }
    }
    expect(pairs).toBeGreaterThan(300);
    expect(failed).toEqual([]);
  },
  5 * MINUTE_MS,
);
