import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DESTINATIONS } from "../src/destinations/registry.ts";
import { ANY_ANSWER } from "../src/explanations/answers.ts";
import type { DestinationExplanations, ExplanationEntry } from "../src/explanations/entry.ts";
import { OWN_WORDS } from "../src/explanations/own-words.ts";
import { EXPLANATIONS } from "../src/explanations/registry.ts";
import { AFTERWARDS } from "../src/explanations/remedies.ts";
import { ANY_SKIP } from "../src/explanations/skips.ts";

const PATH = "docs/failures.md";

const INTRODUCTION = `# Failures: what they mean, and what to do

\`npx tracklayer trace\` and \`npx tracklayer test\` tell each failure in three parts: what was said, what it means, and
what to do. This page lists all that they know. It is made of \`src/explanations\` by \`npm run docs\`, and tests hold
each line against answers that the destination's own code has read.

Look under the destination first, then under [every lane](#every-lane): the first line that fits counts. Words of
[TrackLayer's own](#what-tracklayer-says-itself) go before both, but for those about access tokens. \`<lane>\` is the
destination's id in \`tracklayer.config.ts\`, \`event.json\` an event in a file. The states:

| State | Next | Once it is mended |
|---|---|---|
| \`unauthorized\` | the lane is stopped when a whole request is refused so, and tries again by itself, at most 15 minutes apart | ${AFTERWARDS.unauthorized} |
| \`retry\` | it is sent again by itself, until the lane's time is up; then it is \`expired\` | ${AFTERWARDS.retry} |
| \`rejected\` | never sent again | ${AFTERWARDS.rejected} |
| \`expired\` | kept in the lane's dead-letter queue for 14 days; explained by the last words | [Put it back](operations.md#dead-letter-queues), unless it is too old for the platform. |
| \`consent\`, \`erased\`, \`incomplete\`, \`not_configured\`, \`routing\`, \`test_event\`, \`too_old\` | \`skipped\`: never sent | Later events pass. |

Words that nobody knows are explained by their state alone. Add what you find out to \`src/explanations/<destination>.ts\`.
`;

/** The page of all known failures. */
export function failuresPage(
  explanations: Readonly<Record<string, DestinationExplanations>>,
  names: Readonly<Record<string, { readonly name: string }>>,
): string {
  const destinations = Object.entries(explanations).map(([id, { docs, entries }]) => {
    const platform = docs === undefined ? "" : `; [the platform's own page](${docs})`;
    const links = `[Settings and answers](destinations/${id}.md)${platform}.`;
    return [`## \`${id}\`: ${names[id]?.name ?? id}`, links, table(entries)].join("\n\n");
  });
  const shared = [
    "## Every lane",
    "### What TrackLayer says itself",
    table(OWN_WORDS),
    "### Answers without words of their own",
    table(ANY_ANSWER),
    "### Why nothing is sent",
    table(ANY_SKIP),
  ];
  return `${[INTRODUCTION, ...destinations, ...shared].join("\n\n").replaceAll(/\n{3,}/g, "\n\n")}\n`;
}

function table(entries: readonly ExplanationEntry[]): string {
  const rows = entries.map(({ of, shown, means, todo, docs }) => {
    const states = [of].flat().map((state) => `\`${state}\``);
    const more = docs === undefined ? "" : ` [More](${docs})`;
    return [states.join(", "), shown, means, `${todo}${more}`];
  });
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(["State", "Code or words", "Means", "Do"]), "|---|---|---|---|", ...rows.map(line)].join("\n");
}

/** The page by its path, as it must be on disk. */
export function failuresDocs(): Record<string, string> {
  return { [PATH]: failuresPage(EXPLANATIONS, DESTINATIONS) };
}

/** Writes it. */
export function writeFailures(): void {
  for (const [path, content] of Object.entries(failuresDocs())) {
    writeFileSync(join(import.meta.dirname, "..", path), content);
  }
}

if (import.meta.main) writeFailures();
