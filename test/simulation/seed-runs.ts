import type { LaneControl } from "../../src/core/lane-control.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import { simulate } from "./run.ts";
import type { ScenarioName } from "./scenarios.ts";
import type { Subject } from "./subject.ts";

/** What came of a scenario's seeds, in a form that leaves the process that ran them. */
export interface SeedReport {
  readonly accepted: number;
  /** Kinds of faults that struck. */
  readonly struck: readonly string[];
  readonly states: readonly DeliveryState[];
  readonly lanes: readonly LaneControl["state"][];
  /** Of each run that broke a promise: the command that repeats it, and the promise. */
  readonly failed: readonly string[];
}

/** Runs the seeds 1 to `seeds` of a scenario. */
export async function runSeeds(scenario: ScenarioName, seeds: number, subject: Subject): Promise<SeedReport> {
  const struck = new Set<string>();
  const states = new Set<DeliveryState>();
  const lanes = new Set<LaneControl["state"]>();
  const failed: string[] = [];
  let accepted = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const run = await simulate({ seed, scenario, subject });
    accepted += run.accepted;
    // The last word of a fault is its kind.
    for (const cause of run.causes) struck.add(cause.split(" ").at(-1) ?? "");
    for (const state of run.states) states.add(state);
    for (const state of run.lanes) lanes.add(state);
    const [broken] = run.violations;
    if (broken === undefined) continue;
    failed.push(`npm run simulate -- --scenario ${scenario} --seed ${seed}   ${broken.rule}: ${broken.what}`);
  }
  return { accepted, struck: [...struck], states: [...states], lanes: [...lanes], failed };
}
