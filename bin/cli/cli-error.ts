/** What the process answers with; documented in docs/cli.md, so that scripts can rely on it. */
export const EXIT = {
  ok: 0,
  /** It failed, was refused as it stands, or there is no such thing. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** Nobody answers at the address, or the key is not let in. */
  unreachable: 3,
} as const;
/** One of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the person at the terminal should read: one sentence, and the way out where there is one. Ends the command. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly todo: string | undefined;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, todo?: string) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
    this.todo = todo;
  }
}

/** Words as a sentence: begun with a capital letter, ended with a stop. */
export function sentence(words: string): string {
  const begun = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
