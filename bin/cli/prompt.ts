import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CliError, EXIT } from "./cli-error.ts";

/** Asks on standard error, which leaves standard output to the answer of the command. Ctrl-C and Ctrl-D give up. */
export async function promptAt(question: string, { hidden }: { hidden: boolean }): Promise<string> {
  const { stdin, stderr } = process;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: hidden ? nowhere : stderr, terminal: true });
  try {
    if (hidden) stderr.write(question);
    const gone = new Promise<never>((_, fail) => {
      lines.once("close", () => fail(new CliError("given up; nothing was done", EXIT.failed)));
      lines.once("SIGINT", () => lines.close());
    });
    return await Promise.race([lines.question(hidden ? "" : question), gone]);
  } finally {
    lines.removeAllListeners("close");
    lines.close();
    if (hidden) stderr.write("\n");
  }
}
