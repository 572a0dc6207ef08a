import type { Command } from "commander";
import type { FailureGroup, FailureList } from "../../../src/ops/contract/failures.ts";
import { explanationLines } from "../../../src/pipeline/explanation-text.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { momentBefore } from "../option-values.ts";
import { counted, shownTime } from "../shown-text.ts";
import { paintState } from "../state-tone.ts";

interface Options extends CommonOptions {
  readonly lane?: string;
  readonly from?: number;
  readonly to?: number;
}

/** Adds `failures`. */
export function addFailures(program: Command, cli: Cli): void {
  const moment = momentBefore(cli.terminal.now);
  program
    .command("failures")
    .description("what is not delivered, grouped by cause: what was said, what it means, what to do")
    .option("--lane <lane>", "of one destination")
    .option("--from <time>", "first failed since: 90m, 24h or 7d ago, or a time (default: a day ago)", moment)
    .option("--to <time>", "first failed before", moment)
    .action(
      action(cli, async (options: Options) => {
        const { lane, from, to } = options;
        print(cli, options, await openOps(cli, options).get<FailureList>("failures", { lane, from, to }), failureLines);
        return EXIT.ok;
      }),
    );
}

function failureLines({ items, truncated }: FailureList, screen: Screen): string[] {
  if (items.length === 0) return ["Nothing failed."];
  const groups = items.flatMap((group, at) => [...(at === 0 ? [] : [""]), ...groupLines(group, screen)]);
  return truncated ? [...groups, "", "There are more than were read: narrow it with --lane, --from and --to."] : groups;
}

function groupLines(group: FailureGroup, { paint }: Screen): string[] {
  const { lane, state, events, first_at, last_at, explanation, samples } = group;
  const when = first_at === last_at ? shownTime(last_at) : `${shownTime(first_at)} to ${shownTime(last_at)}`;
  return [
    `${paint("strong", lane)}  ${paintState(paint, state)}  ${counted(events, "event")}  ${paint("dim", when)}`,
    ...explanationLines(explanation).map((line) => `  ${line}`),
    ...samples.map(({ name, event_id }, at) => `  ${at === 0 ? "such as  " : "         "}${name} ${event_id}`),
  ];
}
