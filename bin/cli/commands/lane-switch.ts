import type { Command } from "commander";
import type { LaneControl } from "../../../src/core/lane-control.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { opsPath } from "../ops-client.ts";
import { shownTime } from "../shown-text.ts";
import { paintLane } from "../state-tone.ts";

interface Options extends CommonOptions {
  readonly reason?: string;
}

/** Adds `pause` and `resume`. */
export function addLaneSwitch(program: Command, cli: Cli): void {
  program
    .command("pause <lane>")
    .description("stop sending to one destination; its events wait")
    .option("--reason <text>", "why, for whoever looks later")
    .action(action(cli, (options: Options, lane: string) => turn(cli, options, lane, "pause")));
  program
    .command("resume <lane>")
    .description("send again, also where the breaker stopped it")
    .option("--reason <text>", "why, for whoever looks later")
    .action(action(cli, (options: Options, lane: string) => turn(cli, options, lane, "resume")));
}

async function turn(cli: Cli, options: Options, lane: string, to: "pause" | "resume") {
  const body = options.reason === undefined ? {} : { reason: options.reason };
  const control = await openOps(cli, options).post<LaneControl>(opsPath("destinations", lane, to), body);
  print(cli, options, control, controlLines);
  return EXIT.ok;
}

function controlLines({ lane, state, since, reason }: LaneControl, { paint }: Screen): string[] {
  return [
    `${paint("strong", lane)}  ${paintLane(paint, state)} since ${shownTime(since)}${reason === "" ? "" : `: ${reason}`}`,
  ];
}
