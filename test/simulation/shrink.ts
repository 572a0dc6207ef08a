import { type RunOptions, type RunResult, simulate } from "./run.ts";

/** Runs that shrinking may take. */
const MOST_RUNS = 400;

/**
 * The same failure with as few faults and operations as can be found by leaving out ever smaller portions of them.
 * Answers the smallest failing run, traced, and what was left out of it.
 */
export async function shrink(options: RunOptions): Promise<{ result: RunResult; without: ReadonlySet<string> }> {
  let best = await simulate(options);
  let without: ReadonlySet<string> = options.without ?? new Set();
  const rules = new Set(best.violations.map(({ rule }) => rule));
  let runs = 0;
  for (let portion = Math.ceil(best.causes.length / 2); portion >= 1; portion = Math.floor(portion / 2)) {
    for (let from = 0; from < best.causes.length && runs < MOST_RUNS; runs += 1) {
      const fewer = new Set([...without, ...best.causes.slice(from, from + portion)]);
      const result = await simulate({ ...options, without: fewer });
      // Another failure is another story.
      if (result.violations.some(({ rule }) => rules.has(rule))) {
        best = result;
        without = fewer;
      } else {
        from += portion;
      }
    }
  }
  return { result: await simulate({ ...options, without, traced: true }), without };
}
