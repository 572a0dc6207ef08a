import { CommanderError } from "commander";
import { explained, NotRunning } from "../local-state.ts";
import type { Cli } from "./cli.ts";
import { CliError, EXIT, type ExitCode, sentence } from "./cli-error.ts";
import { createProgram } from "./program.ts";
import { readableLines } from "./shown-text.ts";
import { processTerminal } from "./terminal.ts";

/** Runs one command line and gives the exit code. Never throws: what went wrong is a sentence on standard error. */
export async function run(words: readonly string[], cli: Cli): Promise<ExitCode> {
  try {
    await createProgram(cli).parseAsync(words, { from: "user" });
    cli.terminal.progress("");
    return cli.exitCode;
  } catch (error) {
    cli.terminal.progress("");
    return tell(error, cli);
  }
}

function tell(error: unknown, { terminal }: Cli): ExitCode {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    // It may be of an answer that came over the network.
    terminal.err(readableLines([sentence(error.message), ...(error.todo === undefined ? [] : [error.todo])].join(" ")));
    return error.exitCode;
  }
  const told = explained(error);
  terminal.err(readableLines(told.message));
  if (terminal.env.TRACKLAYER_DEBUG !== undefined) terminal.err(told.stack ?? "");
  return told instanceof NotRunning ? EXIT.unreachable : EXIT.failed;
}

/** The process: its arguments in, its exit code out. */
export async function main(): Promise<void> {
  // Whoever closes the pipe, as `| head` does, has read enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
  process.exitCode = await run(process.argv.slice(2), { terminal: processTerminal(), fetch, exitCode: EXIT.ok });
}

if (import.meta.main) await main();
