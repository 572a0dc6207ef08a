import { CliError, EXIT } from "./cli-error.ts";
import type { Terminal } from "./terminal.ts";

/** Whether the person answers with the expected word. Where nobody can be asked, `--yes` is asked for instead. */
export async function confirmed(terminal: Terminal, question: string, expected: string): Promise<boolean> {
  if (!terminal.canAsk) throw new CliError("Nobody can be asked here.", EXIT.usage, "Say --yes if you are sure.");
  if ((await terminal.ask(question)).trim().toLowerCase() === expected.toLowerCase()) return true;
  terminal.err("Nothing was done.");
  return false;
}
