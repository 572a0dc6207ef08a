import type { Command } from "commander";
import type { FindingRow } from "../../../src/ops/contract/findings.ts";
import type { Page } from "../../../src/ops/contract/page.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { wholeNumber } from "../option-values.ts";
import { shownTime } from "../shown-text.ts";

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
  return items.map(
    ({ window, detector, severity, sentence }) =>
      `${paint("dim", shownTime(window.start))}  ${paint(severity === "critical" ? "bad" : "wait", detector)}  ${sentence}`,
  );
}
