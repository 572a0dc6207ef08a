import type { Command } from "commander";
import type { PrivacyJobView } from "../../../src/ops/contract/privacy.ts";
import { action, type Cli, type CommonOptions, openOps, print } from "../cli.ts";
import { CliError, EXIT, type ExitCode } from "../cli-error.ts";
import { expectNoFile, fetchExport, writeOwnFile } from "../export-file.ts";
import { type OpsClient, opsPath } from "../ops-client.ts";
import { counted, jsonText, shownTime } from "../shown-text.ts";

interface ExportOptions extends CommonOptions {
  readonly output?: string;
  readonly follow: boolean;
}

/** Between two looks at a job, ms: it is worked on once a minute. */
const LOOK_MS = 2000;
/** Of `--output`: the document goes to standard output. */
const STANDARD_OUTPUT = "-";

/** Adds `export` and `fetch` to the commands for people's own data. */
export function addPrivacyExport(privacy: Command, cli: Cli): void {
  privacy
    .command("export <identifier>")
    .description("everything that is kept of a person, into a file; - reads the identifier from standard input")
    .option("--output <file>", "where to (default: tracklayer-export-<id>.json); - for standard output")
    .option("--no-follow", "do not wait for its end; fetch it later")
    .action(action(cli, (options: ExportOptions, given: string) => exportPerson(cli, options, given)));
  privacy
    .command("fetch <id>")
    .description("an export that is finished, into a file")
    .option("--output <file>", "where to (default: tracklayer-export-<id>.json); - for standard output")
    .action(
      action(cli, async (options: ExportOptions, id: string) => {
        await expectRoom(options);
        const ops = openOps(cli, options);
        return save(cli, options, ops, await ops.get<PrivacyJobView>(opsPath("privacy", "jobs", id)));
      }),
    );
}

/** What is there already is found before anybody has waited for some minutes, and before a reading is in the audit log. */
async function expectRoom({ output }: ExportOptions): Promise<void> {
  if (output !== undefined && output !== STANDARD_OUTPUT) await expectNoFile(output);
}

async function exportPerson(cli: Cli, options: ExportOptions, given: string): Promise<ExitCode> {
  const identifier = given === "-" ? (await cli.terminal.input()).trim() : given;
  if (identifier === "") throw new CliError("Standard input is empty.", EXIT.usage);
  await expectRoom(options);
  const ops = openOps(cli, options);
  const job = await ops.post<PrivacyJobView>("privacy/export", { identifier });
  if (!options.follow) {
    print(cli, options, job, ({ id }) => [`export ${id} is under way: tracklayer privacy fetch ${id}`]);
    return EXIT.ok;
  }
  const last = await followJob(cli, ops, job);
  if (last.state !== "running") return save(cli, options, ops, last);
  cli.terminal.err(`It goes on by itself. To fetch it when it is done: tracklayer privacy fetch ${job.id}`);
  return EXIT.ok;
}

/** Shows how far a job is until it ends, or until Ctrl-C, which ends the watching and never the job. */
async function followJob({ terminal }: Cli, ops: OpsClient, job: PrivacyJobView): Promise<PrivacyJobView> {
  const last = await terminal.untilInterrupted(async (signal) => {
    let current = job;
    while (current.state === "running" && !signal.aborted) {
      terminal.progress(progressOf(current, terminal.now()));
      await terminal.wait(LOOK_MS, signal);
      current = await ops.get<PrivacyJobView>(opsPath("privacy", "jobs", job.id));
    }
    return current;
  });
  terminal.progress("");
  return last;
}

function progressOf({ counts, created_at, id, not_before }: PrivacyJobView, now: number): string {
  const waits = not_before !== undefined && not_before > now;
  // Until the first look by the run of each minute nobody has said yet that it has to wait.
  const isNew = now - created_at < 60_000 && Object.keys(counts).length === 0;
  if (waits) return `export ${id}  waits until ${shownTime(not_before)} for what is on its way into the archive`;
  return isNew ? `export ${id}  begins within a minute` : `export ${id}  ${countsOf(counts)}`;
}

/** Says what was found, and never what it is, unless the document itself is asked for. */
async function save(cli: Cli, options: ExportOptions, ops: OpsClient, job: PrivacyJobView): Promise<ExitCode> {
  if (job.state === "failed") {
    throw new CliError(`The export failed: ${job.reason ?? "nobody knows why"}.`, EXIT.failed, "Ask for it again.");
  }
  const { id } = job;
  const document = await fetchExport(ops, id);
  if (options.output === STANDARD_OUTPUT) {
    cli.terminal.out(jsonText(document, 2));
    return EXIT.ok;
  }
  const output = options.output ?? `tracklayer-export-${id}.json`;
  await writeOwnFile(output, `${JSON.stringify(document, null, 2)}\n`);
  const counts = { ...job.counts, events: document.events.length };
  print(cli, options, { id, output, counts }, (shown) => [`${shown.output}: ${countsOf(shown.counts)}`]);
  return EXIT.ok;
}

function countsOf(counts: PrivacyJobView["counts"]): string {
  const { events = 0, persons = 0, quarantine = 0, unreadable = 0 } = counts;
  const refused = quarantine === 0 ? "" : `, ${quarantine} refused`;
  const broken = unreadable === 0 ? "" : `, ${counted(unreadable, "line")} of the archive could not be read`;
  return `${counted(events, "event")}${refused}, ${counted(persons, "person")} of the graph${broken}`;
}
