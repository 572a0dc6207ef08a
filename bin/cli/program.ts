import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { createPaint } from "../../src/pipeline/tone.ts";
import type { Cli } from "./cli.ts";
import { addAudit } from "./commands/audit.ts";
import { addDestinations } from "./commands/destinations.ts";
import { addDlq } from "./commands/dlq.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvents } from "./commands/events.ts";
import { addFailures } from "./commands/failures.ts";
import { addFindings } from "./commands/findings.ts";
import { addIdentity } from "./commands/identity.ts";
import { addKeys } from "./commands/keys.ts";
import { addLaneSwitch } from "./commands/lane-switch.ts";
import { addLogin } from "./commands/login.ts";
import { addPreview } from "./commands/preview.ts";
import { addPrivacy } from "./commands/privacy.ts";
import { addQuality } from "./commands/quality.ts";
import { addQuarantine } from "./commands/quarantine.ts";
import { addReconciliation } from "./commands/reconciliation.ts";
import { addReplay } from "./commands/replay.ts";
import { addSecrets } from "./commands/secrets.ts";
import { addSensitive } from "./commands/sensitive.ts";
import { addTail } from "./commands/tail.ts";
import { addTest } from "./commands/test.ts";
import { addTrace } from "./commands/trace.ts";

/** The commands in the order of the help, under what a person is after. */
const GROUPS: readonly (readonly [string, readonly ((program: Command, cli: Cli) => void)[]])[] = [
  ["What happened:", [addTrace, addEvents, addTail, addFailures, addFindings, addReconciliation, addSensitive]],
  ["Destinations:", [addDestinations, addLaneSwitch, addTest, addPreview, addQuality]],
  ["Mending:", [addReplay, addDlq, addQuarantine]],
  ["People:", [addIdentity, addPrivacy]],
  ["Running it:", [addDoctor, addSecrets, addLogin, addKeys, addAudit]],
];

const EXIT_CODES = `
Exit codes: 0 done; 1 failed, refused, or there is no such thing; 2 the command line is wrong; 3 nobody answers, or the
key is not let in. Without --url, --stack or TRACKLAYER_URL every command is about the local stack that \`npm start\` runs.`;

/** The command tree. Its parser throws where it would end the process. */
export function createProgram(cli: Cli): Command {
  const { terminal } = cli;
  const program = new Command("tracklayer")
    .description("What happened to every event, and the ways to mend it.")
    .version(ownVersion(), "--version", "which version of TrackLayer this is")
    .option("--json", "for programs: one JSON document on standard output")
    .option("--stack <name>", "the deployed stack TrackLayer-<environment>, once you have signed in with `login`")
    .option("--url <url>", "the deployed stack at this URL; or TRACKLAYER_URL")
    .option("--key <key>", "its ops key; better in TRACKLAYER_OPS_KEY, where nobody else sees it")
    .option("--directory <path>", "where the local stack keeps its addresses and keys (default: .tracklayer)")
    .addHelpText("after", EXIT_CODES)
    .showHelpAfterError("Add --help to see how it is used.");
  const paint = createPaint(terminal);
  program
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => paint("strong", title) })
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      getOutHelpWidth: () => terminal.columns ?? 120,
      getErrHelpWidth: () => terminal.columns ?? 120,
      getOutHasColors: () => terminal.colours,
      getErrHasColors: () => terminal.colours,
    });
  for (const [title, adders] of GROUPS) {
    program.commandsGroup(title);
    for (const add of adders) add(program, cli);
  }
  return program.helpCommand(false);
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
    version: string;
  };
  return version;
}
