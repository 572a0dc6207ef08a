import type { Command } from "commander";
import type { ReplaySelection } from "../../../src/core/replay-job.ts";
import type { Page } from "../../../src/ops/contract/page.ts";
import type { ReplayView } from "../../../src/ops/contract/replays.ts";
import { action, type Cli, type CommonOptions, openOps, print } from "../cli.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { type OpsClient, opsPath } from "../ops-client.ts";
import { momentBefore, wholeNumber, wordList, wordsOf } from "../option-values.ts";
import { followReplay } from "../replay-follow.ts";
import { replayLines, replayTable } from "../replay-text.ts";

const OUTCOMES = ["pending", "retry", "rejected", "unauthorized", "attempting", "skipped", "expired", "delivered"];

interface StartOptions extends CommonOptions {
  readonly ids?: readonly string[];
  readonly person?: string;
  readonly from?: number;
  readonly to?: number;
  readonly source?: readonly string[];
  readonly name?: readonly string[];
  readonly destination?: readonly string[];
  readonly outcome?: readonly string[];
  readonly force?: boolean;
  readonly confirmDoubleCount?: boolean;
  readonly pace?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly follow: boolean;
}

interface ListOptions extends CommonOptions {
  readonly limit: number;
}

/** Adds `replay` with what can be done with replays. */
export function addReplay(program: Command, cli: Cli): void {
  const replay = program.command("replay").description("send archived events again, or to a destination added since");
  addStart(replay, cli);
  replay
    .command("list", { isDefault: true })
    .description("replays, newest first")
    .option("--limit <n>", "at most so many", wholeNumber(1, 100), 20)
    .action(
      action(cli, async (options: ListOptions) => {
        const { limit } = options;
        print(cli, options, await openOps(cli, options).get<Page<ReplayView>>("replays", { limit }), replayTable);
        return EXIT.ok;
      }),
    );
  replay
    .command("show <id>")
    .description("one replay")
    .option("--follow", "until it has ended")
    .action(
      action(cli, async (options: CommonOptions & { readonly follow?: boolean }, id: string) => {
        const ops = openOps(cli, options);
        const job = await ops.get<ReplayView>(opsPath("replays", id));
        return end(cli, options, options.follow === true ? await followReplay(cli, ops, job) : job);
      }),
    );
  replay
    .command("cancel <id>")
    .description("stop a replay; what it has put on the lanes is delivered")
    .action(
      action(cli, async (options, id: string) => {
        print(
          cli,
          options,
          await openOps(cli, options).post<ReplayView>(opsPath("replays", id, "cancel"), {}),
          replayLines,
        );
        return EXIT.ok;
      }),
    );
}

function addStart(replay: Command, cli: Cli): void {
  const moment = momentBefore(cli.terminal.now);
  replay
    .command("start")
    .description("show what a replay would send and cost, ask, then send and follow it")
    .option("--ids <ids>", "these event ids, with commas between them", wordList)
    .option("--person <identifier>", "events of a person; - reads the identifier from standard input")
    .option("--from <time>", "archived since: 90m, 24h or 7d ago, or a time", moment)
    .option("--to <time>", "archived before", moment)
    .option("--source <ids>", "only from these sources", wordList)
    .option("--name <names>", "only of these names", wordList)
    .option("--destination <lanes>", "only to these destinations (default: all)", wordList)
    .option("--outcome <states>", `only where the state is one of ${OUTCOMES.join(", ")}`, wordsOf(OUTCOMES))
    .option("--force", "also what was delivered")
    .option("--confirm-double-count", "with --force: also where the platform counts copies")
    .option("--pace <n>", "events a second over all destinations", wholeNumber(1, 1000))
    .option("--dry-run", "only show what it would send and cost")
    .option("-y, --yes", "do not ask")
    .option("--no-follow", "do not wait for its end")
    .action(action(cli, (options: StartOptions) => start(cli, options)));
}

async function start(cli: Cli, options: StartOptions & CommonOptions) {
  const { terminal } = cli;
  const selection = await selectionOf(cli, options);
  const isAsked = options.yes !== true && options.dryRun !== true;
  if (isAsked && !terminal.canAsk) {
    throw new CliError("Nobody can be asked here.", EXIT.usage, "Look at it with --dry-run, then start it with --yes.");
  }
  const ops = openOps(cli, options);
  const request = {
    ...selection,
    ...(options.force === undefined ? {} : { force: true }),
    ...(options.confirmDoubleCount === undefined ? {} : { confirm_double_count: true }),
    ...(options.pace === undefined ? {} : { pace: options.pace }),
  };
  if (options.yes !== true || options.dryRun === true) {
    const dryRun = await followReplay(cli, ops, await postReplay(ops, { ...request, dry_run: true }));
    if (options.dryRun === true || dryRun.state !== "done") return end(cli, options, dryRun);
    print({ ...cli, terminal: { ...terminal, out: terminal.err } }, {}, dryRun, replayLines);
    if (dryRun.counts.sent === 0) return end(cli, options, dryRun, "Nothing is left to send.");
    const answer = await terminal.ask(`Send ${dryRun.counts.sent}? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) return end(cli, options, dryRun, "Nothing was sent.");
  }
  const job = await postReplay(ops, { ...request, dry_run: false });
  return end(cli, options, options.follow ? await followReplay(cli, ops, job) : job);
}

/** The API's advice names its own fields: here they are options. */
async function postReplay(ops: OpsClient, request: object): Promise<ReplayView> {
  try {
    return await ops.post<ReplayView>("replays", request);
  } catch (error) {
    if (!(error instanceof CliError) || error.todo === undefined) throw error;
    const todo = error.todo.replace("set confirm_double_count", "say --confirm-double-count");
    throw new CliError(error.message, error.exitCode, todo);
  }
}

/** Prints the replay; it failed when it did not come to its end. `instead` is for people who have just read it. */
function end(cli: Cli, options: CommonOptions, job: ReplayView, instead?: string) {
  print(cli, options, job, (shown, screen) => (instead === undefined ? replayLines(shown, screen) : [instead]));
  return job.state === "failed" ? EXIT.failed : EXIT.ok;
}

async function selectionOf(cli: Cli, options: StartOptions): Promise<ReplaySelection> {
  const person = options.person === "-" ? (await cli.terminal.input()).trim() : options.person;
  if (options.ids === undefined && person === undefined && options.from === undefined) {
    throw new CliError("Say which events: --ids, --person or --from.", EXIT.usage);
  }
  const parts = {
    event_ids: options.ids,
    person,
    from: options.from,
    to: options.to,
    sources: options.source,
    event_names: options.name,
    destinations: options.destination,
    outcomes: options.outcome,
  };
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as ReplaySelection;
}
