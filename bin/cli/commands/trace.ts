import type { Command } from "commander";
import type { EventStories } from "../../../src/ops/contract/event-stories.ts";
import { action, type Cli, type CommonOptions, openOps, print } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { opsPath } from "../ops-client.ts";
import { readable } from "../shown-text.ts";
import { storyLines } from "../story-text.ts";

interface Options extends CommonOptions {
  readonly scope?: string;
  readonly personal?: boolean;
}

/** Adds `trace`. */
export function addTrace(program: Command, cli: Cli): void {
  program
    .command("trace <event-id>")
    .description("the whole story of one event, and what to do about what is not delivered")
    .option("--scope <scope>", "also in this dedup scope, which no source has any more")
    .option("--personal", "with the event in clear, as it is archived; needs the permission and is audited")
    .action(
      action(cli, async (options: Options, id: string) => {
        const { personal, scope } = options;
        const stories = await openOps(cli, options).get<EventStories>(opsPath("events", id), { personal, scope });
        if (options.json !== true && !stories.found) {
          cli.terminal.err(`Nothing is stored about ${readable(id)}.`);
          cli.terminal.err(
            "It was not accepted, is still on its way, or is older than the retention of this environment.",
          );
        } else print(cli, options, stories, storyLines);
        return stories.found ? EXIT.ok : EXIT.failed;
      }),
    );
}
