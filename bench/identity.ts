import { createPopulation } from "../test/support/population.ts";
import { scorePopulation } from "../test/support/population-score.ts";
import { measureGraph } from "./identity-graph.ts";
import { table } from "./table.ts";

const SEEDS = [1, 2, 3];
const HUMANS = 3_000;

/** How well people are told apart, and what an event costs in a graph of so many identifiers. */
export async function measureIdentity(graphOf: number): Promise<string> {
  const scores: Record<string, string | number>[] = [];
  for (const seed of SEEDS) {
    const population = createPopulation(seed, HUMANS);
    const { allowed, identifiers, joined, precision, recall } = await scorePopulation(population);
    scores.push({
      seed,
      events: population.events.length,
      identifiers,
      "joined pairs": joined,
      "precision %": percent(precision),
      "allowed pairs": allowed,
      "recall %": percent(recall),
    });
  }
  const costs = await measureGraph(graphOf);
  return `Identity: ${HUMANS} people of a labelled population, events in random order on four workers\n\n${table(scores)}\n\n${costs}\n`;
}

function percent(share: number): string {
  return (share * 100).toFixed(3);
}
