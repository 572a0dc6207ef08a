import type { Command } from "commander";
import type { SensitiveReport } from "../../../src/ops/contract/sensitive.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { wholeNumber } from "../option-values.ts";
import { readable, tableLines } from "../shown-text.ts";

/** Adds `sensitive`. */
export function addSensitive(program: Command, cli: Cli): void {
  program
    .command("sensitive")
    .description("sensitive data that was taken out of events: in which source and field, how often, what to mend")
    .option("--days <n>", "of the last days, in whole hours", wholeNumber(1, 30), 7)
    .action(
      action(cli, async (options: CommonOptions & { readonly days: number }) => {
        const { days } = options;
        print(cli, options, await openOps(cli, options).get<SensitiveReport>("sensitive", { days }), reportLines);
        return EXIT.ok;
      }),
    );
}

function reportLines({ available, hours, items }: SensitiveReport, screen: Screen): string[] {
  if (!available) return ["No report: it is added up from the archive, which the configuration turns off."];
  const { paint } = screen;
  const read = paint("dim", `${hours} whole hours that were read from the archive; this hour is read when it is over`);
  if (items.length === 0) return [read, "Nothing was taken out."];
  const rows = items.map(({ event, events, kind, source, where }) => {
    return [source, event, where, kind, String(events)].map(readable);
  });
  // One thing to mend may show in several kinds of event.
  const todos = new Set(items.map(({ kind, source, todo, where }) => `${source}, ${where} (${kind}): ${todo}`));
  return [
    read,
    ...tableLines(["SOURCE", "EVENT", "WHERE", "WHAT", "EVENTS"], rows, screen),
    "",
    paint("strong", "What to mend"),
    ...[...todos].map((text) => `  ${readable(text)}`),
  ];
}
