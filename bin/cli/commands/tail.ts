import { type Command, Option } from "commander";
import type { TailLine } from "../../../src/ops/contract/tail.ts";
import { createPaint, type Tone } from "../../../src/pipeline/tone.ts";
import { action, type Cli, type CommonOptions, openOps } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { wholeNumber } from "../option-values.ts";
import { jsonText, readable } from "../shown-text.ts";

interface Options extends CommonOptions {
  readonly lane?: string;
  readonly level?: string;
  readonly since: number;
}

interface TailAnswer {
  readonly items: readonly TailLine[];
  /** For `after` of the next request. */
  readonly next: string;
}

/** Between two requests, ms: a log line takes some seconds to be found anyway. */
const LOOK_MS = 2000;
const STEPS: Readonly<Record<string, Tone>> = {
  delivered: "good",
  retry: "wait",
  skipped: "wait",
  duplicate: "dim",
  quarantined: "bad",
  rejected: "bad",
  unauthorized: "bad",
  expired: "bad",
};
const LEVELS: Readonly<Record<string, Tone>> = { error: "bad", warn: "wait" };

/** Adds `tail`. */
export function addTail(program: Command, cli: Cli): void {
  program
    .command("tail")
    .description("what the functions log, as it comes; with --json one object a line. Ctrl-C ends it")
    .option("--lane <lane>", "of one destination")
    .addOption(new Option("--level <level>", "from this level on").choices(["info", "warn", "error"]))
    .option("--since <minutes>", "begin so many minutes ago", wholeNumber(0, 1440), 1)
    .action(action(cli, (options: Options) => tail(cli, options)));
}

async function tail(cli: Cli, options: Options & CommonOptions) {
  const { terminal } = cli;
  const ops = openOps(cli, options);
  const { lane, level } = options;
  await terminal.untilInterrupted(async (signal) => {
    let after = String(terminal.now() - options.since * 60_000);
    while (!signal.aborted) {
      const { items, next } = await ops.get<TailAnswer>("tail", { after, lane, level });
      for (const line of items) terminal.out(options.json === true ? jsonText(line) : told(cli, readable(line)));
      after = next;
      terminal.progress("waiting for more; Ctrl-C ends it");
      await terminal.wait(LOOK_MS, signal);
    }
  });
  terminal.progress("");
  return EXIT.ok;
}

function told({ terminal }: Cli, { at, service, level, message, fields }: TailLine): string {
  const paint = createPaint(terminal);
  const step = fields.step === undefined ? undefined : String(fields.step);
  const word =
    step === undefined
      ? paint(LEVELS[level.toLowerCase()] ?? "dim", level.toLowerCase())
      : paint(STEPS[step] ?? "dim", step);
  const rest = Object.entries(fields)
    .filter(([name, value]) => name !== "step" && value !== "")
    .map(([name, value]) => `${name}=${value}`);
  const text = step === undefined ? [message, ...rest] : rest;
  return `${paint("dim", new Date(at).toISOString().slice(11, 23))}  ${word}  ${service}  ${text.join("  ")}`;
}
