import type { Explanation } from "../core/explanation.ts";

/** The parts of an explanation as lines; `words: false` where what was said stands above them already. */
export function explanationLines(
  { said, means, todo, docs }: Explanation,
  options: { readonly words: boolean } = { words: true },
): string[] {
  return [
    ...(options.words ? [`said     ${said}`] : []),
    `means    ${means}`,
    `do       ${todo}`,
    ...(docs === undefined ? [] : [`docs     ${docs}`]),
  ];
}
