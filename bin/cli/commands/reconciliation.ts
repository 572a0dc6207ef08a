import type { Command } from "commander";
import type { Page } from "../../../src/ops/contract/page.ts";
import type { ReconciliationHour } from "../../../src/ops/contract/reconciliation.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { wholeNumber } from "../option-values.ts";
import { shownTime, tableLines } from "../shown-text.ts";

/** Adds `reconciliation`. */
export function addReconciliation(program: Command, cli: Cli): void {
  program
    .command("reconciliation")
    .description(
      "hour by hour: accepted, claimed, archived and delivered, and what does not add up (then it exits with 1)",
    )
    .option("--days <n>", "of the last days", wholeNumber(1, 90), 1)
    .action(
      action(cli, async (options: CommonOptions & { readonly days: number }) => {
        const { days } = options;
        const answer = await openOps(cli, options).get<Page<ReconciliationHour>>("reconciliation", { days });
        print(cli, options, answer, hourLines);
        return answer.items.some(({ differences }) => differences.length > 0) ? EXIT.failed : EXIT.ok;
      }),
    );
}

function hourLines({ items }: Page<ReconciliationHour>, screen: Screen): string[] {
  if (items.length === 0)
    return ["No hour was reconciled yet: that is done about an hour and a half after an hour has ended."];
  const { paint } = screen;
  const rows = items.map(({ hour, accepted, claimed, duplicates, archived, lanes, differences }) => [
    shownTime(hour),
    String(accepted),
    String(claimed),
    String(duplicates),
    archived === undefined ? "" : String(archived),
    lanes.map(({ lane, expected, outcomes }) => `${lane} ${outcomes.delivered ?? 0}/${expected}`).join(", "),
    differences.length === 0 ? paint("good", "adds up") : paint("bad", `${differences.length} unexplained`),
  ]);
  const head = ["HOUR", "ACCEPTED", "CLAIMED", "COPIES", "ARCHIVED", "DELIVERED OF EXPECTED", ""];
  const told = items.flatMap(({ hour, differences }) => differences.map((text) => `${shownTime(hour)}  ${text}`));
  const later = paint(
    "dim",
    "Later hours are not judged yet: that is done about an hour and a half after an hour has ended.",
  );
  return [...tableLines(head, rows, screen), ...(told.length === 0 ? [] : ["", ...told]), "", later];
}
