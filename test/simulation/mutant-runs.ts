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

/** Runs every mutant until a promise breaks. */
export async function catchMutants(): Promise<MutantResult[]> {
  registerMutants();
  const results: MutantResult[] = [];
  for (const mutant of MUTANTS) {
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
