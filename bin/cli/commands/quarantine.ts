import type { Command } from "commander";
import type { EventStories } from "../../../src/ops/contract/event-stories.ts";
import type { Page } from "../../../src/ops/contract/page.ts";
import type { QuarantineRow, ResubmitResult } from "../../../src/ops/contract/quarantine.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { confirmed } from "../confirm.ts";
import { opsPath } from "../ops-client.ts";
import { momentBefore, wholeNumber, wordList } from "../option-values.ts";
import { readPages } from "../pages.ts";
import { counted, shownTime } from "../shown-text.ts";

interface ListOptions extends CommonOptions {
  readonly source?: string;
  readonly field?: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly cursor?: string;
  readonly personal?: boolean;
}

interface ResubmitOptions extends CommonOptions {
  readonly ids?: readonly string[];
  readonly source?: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
  readonly cursor?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Adds `quarantine` with what can be done with refused events. */
export function addQuarantine(program: Command, cli: Cli): void {
  const moment = momentBefore(cli.terminal.now);
  const quarantine = program.command("quarantine").description("refused events");
  quarantine
    .command("list", { isDefault: true })
    .description("refused events, newest first, with the rules that they broke")
    .option("--source <id>", "from this source")
    .option("--field <path>", "that broke a rule of this field or of what is in it, such as user")
    .option("--from <time>", "received since: 90m, 24h or 7d ago, or a time", moment)
    .option("--to <time>", "received before", moment)
    .option("--limit <n>", "at most so many", wholeNumber(1, 10_000), 50)
    .option("--cursor <cursor>", "go on where an answer with `next` stopped")
    .option("--personal", "with the events as they came; needs the permission and is audited")
    .action(action(cli, (options: ListOptions) => list(cli, options)));
  quarantine
    .command("show <event-id>")
    .description("one refused event")
    .option("--personal", "with the event as it came; needs the permission and is audited")
    .action(
      action(cli, async (options: CommonOptions & { readonly personal?: boolean }, id: string) => {
        const { personal } = options;
        const { events } = await openOps(cli, options).get<EventStories>(opsPath("events", id), { personal });
        const items = events.flatMap(({ quarantined }) => quarantined ?? []);
        print(cli, options, { items }, quarantineLines);
        return items.length > 0 ? EXIT.ok : EXIT.failed;
      }),
    );
  quarantine
    .command("resubmit")
    .description("read refused events again with today's code and configuration, and take in those that pass now")
    .option("--ids <ids>", "these event ids, with commas between them", wordList)
    .option("--source <id>", "from this source")
    .option("--from <time>", "received since: 90m, 24h or 7d ago, or a time", moment)
    .option("--to <time>", "received before", moment)
    .option("--limit <n>", "at most so many", wholeNumber(1, 200))
    .option("--cursor <cursor>", "go on where an answer with `next` stopped")
    .option("--dry-run", "only show which would pass")
    .option("-y, --yes", "do not ask")
    .action(action(cli, (options: ResubmitOptions) => resubmit(cli, options)));
}

async function list(cli: Cli, options: ListOptions) {
  const ops = openOps(cli, options);
  const { source, field, from, to, personal, limit, cursor: start } = options;
  const read = (cursor: string | undefined, left: number) =>
    ops.get<Page<QuarantineRow>>("quarantine", {
      source,
      field,
      from,
      to,
      personal,
      limit: Math.min(left, 100),
      cursor,
    });
  print(
    cli,
    options,
    await readPages<QuarantineRow, Page<QuarantineRow>>(limit, read, undefined, start),
    quarantineLines,
  );
  return EXIT.ok;
}

async function resubmit(cli: Cli, options: ResubmitOptions & CommonOptions) {
  const ops = openOps(cli, options);
  const { ids: event_ids, source, from, to, limit, cursor } = options;
  const request = Object.fromEntries(
    Object.entries({ event_ids, source, from, to, limit, cursor }).filter(([, part]) => part !== undefined),
  );
  const send = (dry_run: boolean) =>
    ops.post<ResubmitResult>(opsPath("quarantine", "resubmit"), { ...request, dry_run });
  if (options.yes !== true || options.dryRun === true) {
    const found = await send(true);
    const nothingLeft = options.dryRun === true || found.accepted === 0;
    if (nothingLeft) {
      print(cli, options, found, (result) => resultLines(result, "would pass"));
      return EXIT.ok;
    }
    const question = `${counted(found.accepted, "event")} would pass, ${found.still_refused.length} not. Take them in? [y/N] `;
    if (!(await confirmed(cli.terminal, question, "y"))) return EXIT.ok;
  }
  print(cli, options, await send(false), (result) => resultLines(result, "taken in"));
  return EXIT.ok;
}

function resultLines({ accepted, still_refused, unavailable, ignored, next }: ResubmitResult, done: string): string[] {
  return [
    `${counted(accepted, "event")} ${done}, ${still_refused.length} refused as before`,
    ...(unavailable === 0 ? [] : [`${counted(unavailable, "event")} not taken by the events queue: try again`]),
    ...(ignored === 0 ? [] : [`${counted(ignored, "event")} with nothing in it to deliver`]),
    ...(next === undefined ? [] : [`There are more: --cursor ${next}`]),
    ...still_refused.flatMap((row) => [
      `  ${row.event_name}  ${row.event_id}`,
      ...reasonLines(row).map((line) => `  ${line}`),
    ]),
  ];
}

function quarantineLines({ items, next }: Page<QuarantineRow>, { paint }: Screen): string[] {
  if (items.length === 0) return ["Nothing is in quarantine."];
  return [
    ...items.flatMap((row) => [
      `${paint("dim", shownTime(row.received_at))}  ${paint("strong", row.event_name)}  ${row.event_id}  from ${row.source}`,
      ...reasonLines(row),
      ...(row.raw === undefined ? [] : [`  came as  ${row.raw}`]),
    ]),
    ...(next === undefined ? [] : ["", `There are more: --cursor ${next}`]),
  ];
}

function reasonLines({ reasons, not_resubmittable: never }: QuarantineRow): string[] {
  return [
    ...reasons.map(({ field, rule, got }) => `  ${field === "" ? "event" : field} ${rule} (got ${got})`),
    ...(never === undefined ? [] : [`  cannot be submitted again: ${never}`]),
  ];
}
