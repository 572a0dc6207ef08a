import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { createProgram } from "../bin/cli/program.ts";
import type { Terminal } from "../bin/cli/terminal.ts";

const PATH = "docs/cli.md";

const INTRODUCTION = `# The command line tool

\`npx tracklayer\` in this checkout, after \`npm ci\`; or \`npm run tracklayer -- …\`, which is the same. It asks the
[ops API](ops-api.md), masks what the API masks, and leaves a line in its audit log for what it changes.
\`npm run docs\` writes this page from the tool's own help.

\`\`\`sh
npx tracklayer trace purchase-1001            # the whole story of one event, and what to do
npx tracklayer failures                       # what is not delivered, by cause
npx tracklayer tail --lane meta               # what happens now
npx tracklayer replay start --destination tiktok --from 7d    # fill a new destination with the past week
npx tracklayer doctor                         # is everything in order
\`\`\`

## Which stack

Without more, the local stack that \`npm start\` runs here. A deployed one is named by what comes first of:

| Way | Key |
|---|---|
| \`--url <url>\` | \`TRACKLAYER_OPS_KEY\`, or \`--key\`, which others see |
| \`--stack TrackLayer-<environment>\` | the one that you signed in with |
| \`--directory <path>\` | that of the local stack whose addresses are there |
| \`TRACKLAYER_URL\` | \`TRACKLAYER_OPS_KEY\` |

The first key of a deployment is made with AWS credentials that may write to its delivery table; later ones by whoever has
a key with the permission \`admin\`:

\`\`\`sh
npx tracklayer keys create --aws --stack TrackLayer-production --label ana --permissions read,operate,admin
npx tracklayer login --stack TrackLayer-production --url https://…    # asks for the key
npx tracklayer failures --stack TrackLayer-production
\`\`\`

\`login\` keeps address and key in \`~/.config/tracklayer/profiles.json\`, for this person alone. A key goes to no address
without https but this machine, and follows no redirect.

\`test\`, \`preview\` and \`secrets\` do not ask the API: they read the configuration, and \`test\` and \`secrets\` use AWS
credentials where \`--stack\` or \`--deployed\` is given. \`doctor\` does both.

## For programs

\`--json\` prints one JSON document on standard output and nothing else; \`tail --json\` one object a line. It is the
answer of the [ops API](ops-api.md); times are epoch milliseconds. Errors, questions and progress go to standard error.
Colours are for terminals only, and \`NO_COLOR\` turns them off.

| Exit code | Means |
|---|---|
| 0 | done; of \`test\`: the platform confirmed the event |
| 1 | failed, refused as it stands, or there is no such thing; \`doctor\`, \`secrets check\`, \`audit verify\` and \`reconciliation\` found something |
| 2 | the command line is wrong; nothing was done |
| 3 | nobody answers at the address, or the key is not let in |

Times are \`90m\`, \`24h\` or \`7d\` ago, or an ISO date or time, UTC unless it says otherwise. What cannot be taken back asks
first; \`--yes\` answers for a script.

## Commands`;

/** The page, from the help of every command. */
export function cliPage(): string {
  const program = createProgram({ terminal: PAGE, fetch, exitCode: 0 });
  const texts = [helpOf(program), ...leaves(program).map(helpOf)];
  return `${[INTRODUCTION, ...texts].join("\n\n")}\n`;
}

function leaves(command: Command): Command[] {
  return command.commands.flatMap((sub) => (sub.commands.length > 0 ? leaves(sub) : [sub]));
}

function helpOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  const help = command.configureHelp({ ...command.configureHelp(), showGlobalOptions: false, helpWidth: 110 });
  return `### ${names.join(" ")}\n\n\`\`\`text\n${textOf(help)}\n\`\`\``;
}

/** As it is printed, with what stands below it. */
function textOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}

/** A terminal on which nothing happens. */
const PAGE: Terminal = {
  env: {},
  colours: false,
  canAsk: false,
  out() {},
  err() {},
  progress() {},
  ask: async () => "",
  askSecret: async () => "",
  input: async () => "",
  now: () => 0,
  wait: async () => {},
  untilInterrupted: (run) => run(new AbortController().signal),
};

/** Writes it. */
export function writeCliDocs(): void {
  writeFileSync(join(import.meta.dirname, "..", PATH), cliPage());
}

if (import.meta.main) writeCliDocs();
