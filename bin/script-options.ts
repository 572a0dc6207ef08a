import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** One option as `parseArgs` takes it, and what its help says. */
interface ScriptOption {
  readonly type: "string" | "boolean";
  readonly default?: string | boolean;
  /** What stands for the value in the help, such as `DIR`. */
  readonly value?: string;
  /** Of a whole number: the least and, where there is one, the most that it may be. */
  readonly from?: number;
  readonly to?: number;
  readonly help: string;
}

type ScriptOptions = Readonly<Record<string, ScriptOption>>;

/** Something that people start by `npm run`, and what it takes. */
export interface Script<Options extends ScriptOptions> {
  /** As people type it, up to where options begin: `npm run demo --`. */
  readonly command: string;
  /** What it does, in a sentence. */
  readonly about: string;
  readonly options: Options;
}

type Given<Option extends ScriptOption> =
  | (Option["type"] extends "boolean" ? boolean : string)
  | (Option extends { readonly default: string | boolean } ? never : undefined);

/** What was given, by the option's name. */
export type GivenOptions<Options extends ScriptOptions> = { readonly [Name in keyof Options]: Given<Options[Name]> };

/** What a command line says: its options, or what to print in place of doing anything. */
export type ReadOptions<Options extends ScriptOptions> =
  | { readonly kind: "given"; readonly options: GivenOptions<Options> }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "wrong"; readonly text: string };

/** Reads arguments. `--help` and what cannot be read answer a text with every option. */
export function parseOptions<const Options extends ScriptOptions>(
  script: Script<Options>,
  args: readonly string[],
): ReadOptions<Options> {
  const known: ParseArgsOptionsConfig = { help: { type: "boolean", short: "h" } };
  for (const [name, { default: usual, type }] of Object.entries<ScriptOption>(script.options)) {
    known[name] = usual === undefined ? { type } : { type, default: usual };
  }
  try {
    const { values } = parseArgs({ args: [...args], options: known });
    if (values.help === true) return { kind: "help", text: helpText(script) };
    for (const [name, option] of Object.entries<ScriptOption>(script.options)) requireWhole(name, option, values[name]);
    // Each value is of its option's type, which is more than `parseArgs` tells of options in a variable.
    return { kind: "given", options: values as GivenOptions<Options> };
  } catch (error) {
    // Node goes on about arguments that begin with a dash, which none of ours do.
    const [what] = (error as Error).message.split(". ");
    return { kind: "wrong", text: `${what}\n\n${helpText(script)}` };
  }
}

/** Throws for what is no number: runs of a test that are not a number would be none, and none of them would fail. */
function requireWhole(name: string, { from, to }: ScriptOption, given: unknown): void {
  if (from === undefined || given === undefined) return;
  const number = /^\d+$/.test(String(given)) ? Number(given) : Number.NaN;
  if (number >= from && number <= (to ?? Number.MAX_SAFE_INTEGER)) return;
  throw new Error(
    `--${name}: a whole number from ${from}${to === undefined ? "" : ` to ${to}`}, got ${given || "nothing"}`,
  );
}

/** The options of this process. Prints the help, or what is wrong with them, and ends the process in place of answering. */
export function readOptions<const Options extends ScriptOptions>(script: Script<Options>): GivenOptions<Options> {
  const read = parseOptions(script, process.argv.slice(2));
  if (read.kind === "given") return read.options;
  if (read.kind === "help") console.log(read.text);
  else console.error(read.text);
  process.exit(read.kind === "help" ? 0 : 1);
}

function helpText({ about, command, options }: Script<ScriptOptions>): string {
  const rows = Object.entries(options).map(([name, option]) => [optionText(name, option), helpOf(option)] as const);
  const all = [...rows, ["--help", "this text"] as const];
  const width = Math.max(...all.map(([text]) => text.length));
  const lines = all.map(([text, help]) => `  ${text.padEnd(width)}  ${help}`);
  return [`Usage: ${command} [options]`, "", about, "", ...lines].join("\n");
}

function optionText(name: string, { value }: ScriptOption): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function helpOf({ default: usual, help }: ScriptOption): string {
  return typeof usual === "string" ? `${help} (default: ${usual})` : help;
}
