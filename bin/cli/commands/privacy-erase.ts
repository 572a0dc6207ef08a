import type { Command } from "commander";
import type { Page } from "../../../src/ops/contract/page.ts";
import type { PrivacyJobView } from "../../../src/ops/contract/privacy.ts";
import { action, type Cli, type CommonOptions, openOps, print } from "../cli.ts";
import { CliError, EXIT, type ExitCode } from "../cli-error.ts";
import { confirmed } from "../confirm.ts";
import { opsPath } from "../ops-client.ts";
import { wholeNumber } from "../option-values.ts";
import { counted, shownTime } from "../shown-text.ts";

interface EraseOptions extends CommonOptions {
  readonly yes?: boolean;
}

interface StatusOptions extends CommonOptions {
  readonly limit: number;
}

/** Adds `erase`: to the commands for people's own data, and to those of the graph, where whoever finds a person looks for it. */
export function addErase(parent: Command, cli: Cli): void {
  parent
    .command("erase <identifier>")
    .description("erase a person for good and everywhere, by any identifier of theirs; - reads it from standard input")
    .option("-y, --yes", "do not ask")
    .action(action(cli, (options: EraseOptions, given: string) => erase(cli, options, given)));
}

/** Adds `erase` and `status` to the commands for people's own data. */
export function addPrivacyErase(privacy: Command, cli: Cli): void {
  addErase(privacy, cli);
  privacy
    .command("status [id]")
    .description("how far an erasure or export is; without an id, all of them, newest first")
    .option("--limit <n>", "at most so many", wholeNumber(1, 100), 20)
    .action(
      action(cli, async (options: StatusOptions, id: string | undefined) => {
        const ops = openOps(cli, options);
        if (id === undefined) {
          const { limit } = options;
          print(cli, options, await ops.get<Page<PrivacyJobView>>("privacy/jobs", { limit }), listLines);
          return EXIT.ok;
        }
        const job = await ops.get<PrivacyJobView>(opsPath("privacy", "jobs", id));
        print(cli, options, job, jobLines);
        return job.state === "failed" ? EXIT.failed : EXIT.ok;
      }),
    );
}

async function erase(cli: Cli, options: EraseOptions, given: string): Promise<ExitCode> {
  const identifier = given === "-" ? (await cli.terminal.input()).trim() : given;
  if (identifier === "") throw new CliError("Standard input is empty.", EXIT.usage);
  const question = "This cannot be undone. Type erase to erase this person: ";
  if (options.yes !== true && !(await confirmed(cli.terminal, question, "erase"))) return EXIT.ok;
  const job = await openOps(cli, options).post<PrivacyJobView>("privacy/erase", { identifier });
  print(cli, options, job, jobLines);
  return job.state === "failed" ? EXIT.failed : EXIT.ok;
}

function listLines({ items }: Page<PrivacyJobView>): string[] {
  if (items.length === 0) return ["Nobody has asked for anything."];
  return items.map(
    ({ created_at, id, kind, state, step }) =>
      `${shownTime(created_at)}  ${id}  ${kind}  ${state === "running" ? `running: ${step}` : state}`,
  );
}

function jobLines(job: PrivacyJobView): string[] {
  const { by, counts, created_at, id, kind, not_before, platforms = [], reason, state, step } = job;
  const isErasure = kind === "erase";
  return [
    `${isErasure ? "erasure" : "export"} ${id}  ${state}${state === "running" ? ` at ${step}` : ""}, asked for by ${by} at ${shownTime(created_at)}`,
    ...(reason === undefined ? [] : [`  ${reason}`]),
    ...(state === "running" && not_before !== undefined
      ? [`  waits until ${shownTime(not_before)} for what was on its way, and looks once more`]
      : []),
    ...(isErasure ? [`  removed so far: ${removedText(counts)}`] : []),
    ...(isErasure && state === "running"
      ? ["  nothing of before is sent or learned any more; the rest goes on by itself"]
      : []),
    ...remainsLines(job),
    ...(platforms.length === 0
      ? []
      : [
          `  to be deleted there by you: ${platforms.map(({ lane }) => lane).join(", ")}`,
          "  how, says tracklayer privacy platforms",
        ]),
  ];
}

/** Where an erasure does not reach, and when that ends. Jobs of an earlier version say the last of these times only. */
function remainsLines({ copies_until, remains }: PrivacyJobView): string[] {
  if (copies_until === undefined) return [];
  if (remains === undefined) return [`  copies in queues and backups end by ${shownTime(copies_until)}`];
  return [
    "  what stays, and ends by itself:",
    ...remains.map(({ place, until, what }) => `    ${place}, until ${shownTime(until)}: ${what}`),
  ];
}

function removedText(counts: PrivacyJobView["counts"]): string {
  const { archive_events = 0, delivery = 0, exports = 0, identity = 0, quarantine = 0 } = counts;
  return [
    `${counted(identity, "item")} of the graph`,
    `${counted(archive_events, "event")} of the archive`,
    `${counted(delivery, "event")} of the delivery table`,
    `${quarantine} refused`,
    `${counted(exports, "file")} of exports`,
  ].join(", ");
}
