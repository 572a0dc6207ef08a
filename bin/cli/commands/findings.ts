import type { Command } from "commander";
import type { FindingRow } from "../../../src/ops/contract/findings.ts";
import type { Page } from "../../../src/ops/contract/page.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { wholeNumber } from "../option-values.ts";
import { shownDuration, shownTime } from "../shown-text.ts";

/** Adds `findings`. */
export function addFindings(program: Command, cli: Cli): void {
  program
    .command("findings")
    .description("what the detectors found, in sentences")
    .option("--days <n>", "of the last days", wholeNumber(1, 400), 7)
    .action(
      action(cli, async (options: CommonOptions & { readonly days: number }) => {
        const { days } = options;
        print(cli, options, await openOps(cli, options).get<Page<FindingRow>>("findings", { days }), findingLines);
        return EXIT.ok;
      }),
    );
}

function findingLines({ items }: Page<FindingRow>, { paint }: Screen): string[] {
  if (items.length === 0) return ["Nothing was found."];
  return items.map((finding) => {
    const { began_at, detector, sentence, severity } = finding;
    const since = `${paint("dim", shownTime(began_at))}  ${lengthOf(finding, paint)}`;
    return `${since}  ${paint(severity === "critical" ? "bad" : "wait", detector)}  ${sentence}`;
  });
}

/** From its beginning until it was seen last; it may go on. */
function lengthOf({ began_at, ended_at, window }: FindingRow, paint: Screen["paint"]): string {
  const length = shownDuration(window.end - began_at);
  return ended_at === undefined ? paint("wait", `${length}, lasts`) : paint("dim", length);
}
