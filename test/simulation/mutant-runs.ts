import { loadMutant, registerMutants } from "./mutant-loader.ts";
import { MUTANTS } from "./mutants.ts";
import { simulate } from "./run.ts";

/** Seeds that a defect may survive. */
const MOST_SEEDS = 200;

/** How a defect was noticed; without `caught` it was not. */
export interface MutantResult {
  readonly name: string;
  readonly seeds: number;
  readonly caught?: string;
}

/** Which mutants one process runs: every `of`-th, from the `part`-th on, counted from 1. */
export interface MutantShare {
  readonly part: number;
  readonly of: number;
}

/** Runs every mutant of a share until a promise breaks. */
export async function catchMutants({ of, part }: MutantShare): Promise<MutantResult[]> {
  registerMutants();
  const results: MutantResult[] = [];
  for (const mutant of MUTANTS.filter((_, index) => index % of === part - 1)) {
    const { name, scenario } = mutant;
    const subject = await loadMutant(mutant);
    let result: MutantResult = { name, seeds: MOST_SEEDS };
    for (let seed = 1; seed <= MOST_SEEDS; seed += 1) {
      const { violations } = await simulate({ seed, subject, scenario });
      const [first] = violations;
      if (first === undefined) continue;
      result = { name, seeds: seed, caught: `${first.rule}: ${first.what}` };
      break;
    }
    results.push(result);
  }
  return results;
}
