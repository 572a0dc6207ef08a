import type { Command } from "commander";
import type { DestinationHealth } from "../../../src/ops/contract/destinations.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { opsPath } from "../ops-client.ts";
import { shownTime } from "../shown-text.ts";
import { paintLane } from "../state-tone.ts";

interface PauseOptions extends CommonOptions {
  readonly reason: string;
}

type Control = NonNullable<DestinationHealth["control"]>;

/** Adds `pause` and `resume`. */
export function addLaneSwitch(program: Command, cli: Cli): void {
  program
    .command("pause <lane>")
    .description("stop sending to one destination; its events wait")
    .option("--reason <text>", "why, for whoever looks later; no personal data", "paused by hand")
    .action(action(cli, (options: PauseOptions, lane: string) => turn(cli, options, lane, "pause", options)));
  program
    .command("resume <lane>")
    .description("send again, also where the breaker stopped it")
    .action(action(cli, (options: CommonOptions, lane: string) => turn(cli, options, lane, "resume", {})));
}

async function turn(
  cli: Cli,
  options: CommonOptions,
  lane: string,
  to: "pause" | "resume",
  { reason }: { readonly reason?: string },
) {
  const body = reason === undefined ? {} : { reason };
  const control = await openOps(cli, options).post<Control>(opsPath("destinations", lane, to), body);
  print(cli, options, control, (it, screen) => controlLines(lane, it, screen));
  return EXIT.ok;
}

function controlLines(lane: string, { state, since, reason }: Control, { paint }: Screen): string[] {
  // A lane that never stopped has no such moment.
  const when = since === 0 ? "" : ` since ${shownTime(since)}`;
  return [`${paint("strong", lane)}  ${paintLane(paint, state)}${when}${reason === "" ? "" : `: ${reason}`}`];
}
