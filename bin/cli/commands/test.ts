import type { Command } from "commander";
import { laneExplanations } from "../../../src/ops/lane-explanations.ts";
import { testJson, testLines } from "../../../src/pipeline/preview-text.ts";
import { chooseLane } from "../../destination-lane.ts";
import { type Options, tellRefusal } from "../../destination-options.ts";
import { tryLane } from "../../destination-test.ts";
import { loadConfig } from "../../load-config.ts";
import { action, type Cli } from "../cli.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { eventOptions } from "../event-options.ts";
import { jsonText, readable } from "../shown-text.ts";

/** Adds `test`. */
export function addTest(program: Command, cli: Cli): void {
  eventOptions(program.command("test <lane> [event.json]"))
    .description("send a test purchase, or the given event as a test, in the platform's test mode")
    .option("--real", "send as a real event; needed where the platform has no test mode")
    .option("--deployed", "to the platform, with the credentials of the deployed stack of tracklayer.config.ts")
    .option("--region <region>", "its AWS region")
    .option("--real-platform", "to the platform, with the credentials in <directory>/secrets.json")
    .option("--credentials <file>", "credentials from this file, a JSON object of texts")
    .addHelpText("after", HELP)
    .action(action(cli, (options: Options, lane: string, file: string | undefined) => test(cli, options, lane, file)));
}

const HELP = `
Goes to the sandbox of the local stack that \`npm start\` runs, unless --deployed, --stack (another environment's stack)
or --real-platform is given. Exits with 0 only when the platform confirmed the event.`;

async function test({ terminal }: Cli, options: Options, name: string, file: string | undefined) {
  const config = await loadConfig();
  const chosen = chooseLane(config, name, options.settings);
  const tell = (line: string) => {
    if (options.json !== true) terminal.err(line);
  };
  const trial = await tryLane(chosen, config, file, options, tell);
  if ("noTestMode" in trial) {
    throw new CliError(
      `${trial.noTestMode} has no test mode: a test would be a real event there.`,
      EXIT.failed,
      "--real sends one all the same, to the sandbox unless --deployed, --stack or --real-platform is given.",
    );
  }
  if ("refused" in trial) {
    tellRefusal(trial.refused, options, terminal);
    return EXIT.failed;
  }
  const { result, where } = trial;
  const lane = { id: chosen.resolved.id, name: chosen.destination.name };
  const explain = laneExplanations({ destinations: [chosen.resolved] });
  if (options.json === true) terminal.out(jsonText(testJson(result, lane, where, explain), 2));
  else terminal.out(testLines(readable(result), lane, { colours: terminal.colours, explain }).join("\n"));
  return result.state === "delivered" ? EXIT.ok : EXIT.failed;
}
