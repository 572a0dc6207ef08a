import type { Command } from "commander";

/** What `test` and `preview` both take for the event that they work with. */
export function eventOptions(command: Command): Command {
  return command
    .option("--settings <file|json>", "settings in place of the configured ones")
    .option("--as <name>", "the platform's name or id for the event, as `events` of the config would give it")
    .option("--source <id>", "the source that the event comes through (default: the first server source)");
}
