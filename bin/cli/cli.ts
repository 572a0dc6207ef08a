import type { Command } from "commander";
import { createPaint, type Paint } from "../../src/pipeline/tone.ts";
import type { ExitCode } from "./cli-error.ts";
import { createOpsClient, type OpsClient } from "./ops-client.ts";
import { jsonText, readable } from "./shown-text.ts";
import { chooseTarget, type TargetOptions } from "./target.ts";
import type { Terminal } from "./terminal.ts";

/** What every command takes. */
export interface CommonOptions extends TargetOptions {
  readonly json?: boolean;
}

/** One run of the tool. */
export interface Cli {
  readonly terminal: Terminal;
  readonly fetch: typeof fetch;
  /** What the process will answer with. */
  exitCode: ExitCode;
}

/** How an answer becomes lines for a person. */
export interface Screen {
  readonly colours: boolean;
  readonly paint: Paint;
  readonly columns?: number | undefined;
  readonly now: number;
}

/** Makes a function of options and arguments, in this order, into an action of commander. */
export function action<
  Options extends CommonOptions,
  Arguments extends readonly (string | readonly string[] | undefined)[],
>(cli: Cli, run: (options: Options, ...given: Arguments) => Promise<ExitCode>): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    // Commander gives the arguments, the command's own options, and the command.
    const command = given.at(-1) as Command;
    const values = given.slice(0, -2) as unknown as Arguments;
    cli.exitCode = await run(command.optsWithGlobals<Options>(), ...values);
  };
}

/** Opens the ops API of the stack that is meant. */
export function openOps(cli: Cli, options: TargetOptions): OpsClient {
  return createOpsClient(chooseTarget(options, cli.terminal), { fetch: cli.fetch, now: cli.terminal.now });
}

/** Prints an answer: as it is for programs, as lines for people. */
export function print<Answer>(
  { terminal }: Cli,
  { json }: CommonOptions,
  answer: Answer,
  lines: (answer: Answer, screen: Screen) => readonly string[],
): void {
  if (json === true) {
    terminal.out(jsonText(answer, 2));
    return;
  }
  const screen: Screen = {
    colours: terminal.colours,
    paint: createPaint(terminal),
    columns: terminal.columns,
    now: terminal.now(),
  };
  const shown = lines(readable(answer), screen);
  if (shown.length > 0) terminal.out(shown.join("\n"));
}
