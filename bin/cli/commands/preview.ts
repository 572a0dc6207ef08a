import type { Command } from "commander";
import { laneExplanations } from "../../../src/ops/lane-explanations.ts";
import { previewEvent } from "../../../src/pipeline/preview.ts";
import { previewJson, previewLines } from "../../../src/pipeline/preview-text.ts";
import { chooseLane, namedAs, previewScope } from "../../destination-lane.ts";
import { type Options, readEventFile, tellRefusal } from "../../destination-options.ts";
import { loadConfig } from "../../load-config.ts";
import { action, type Cli } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { eventOptions } from "../event-options.ts";
import { jsonText, readable } from "../shown-text.ts";

/** Adds `preview`. */
export function addPreview(program: Command, cli: Cli): void {
  eventOptions(program.command("preview <lane> <event.json>"))
    .description("show what would become of an event, and where each part of the request comes from; sends nothing")
    .addHelpText("after", HELP)
    .action(action(cli, (options: Options, lane: string, file: string) => preview(cli, options, lane, file)));
}

const HELP = `
<lane> is an entry of \`destinations\` in tracklayer.config.ts, or a destination that is not configured, with --settings.
<event.json> is an event as it is posted to /v1/events, or a canonical one; - reads standard input.`;

async function preview({ terminal }: Cli, options: Options, name: string, file: string) {
  const config = await loadConfig();
  const chosen = chooseLane(config, name, options.settings);
  const scope = previewScope(chosen, config, terminal.now());
  const given = readEventFile(file, config, options, scope);
  if (!given.ok) {
    tellRefusal(given, options, terminal);
    return EXIT.failed;
  }
  const { event, warnings } = given;
  const shown = previewEvent(event, options.as === undefined ? scope : namedAs(scope, event, options.as));
  const lane = { id: chosen.resolved.id, name: chosen.destination.name };
  const explain = laneExplanations({ destinations: [chosen.resolved] });
  if (options.json === true) terminal.out(jsonText(previewJson(shown, lane, warnings), 2));
  else terminal.out(previewLines(readable(shown), lane, { warnings, colours: terminal.colours, explain }).join("\n"));
  return EXIT.ok;
}
