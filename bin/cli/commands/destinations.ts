import type { Command } from "commander";
import type { DestinationHealth } from "../../../src/ops/contract/destinations.ts";
import { action, type Cli, type CommonOptions, openOps, print } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { destinationLines, destinationTable } from "../destination-health-text.ts";
import { opsPath } from "../ops-client.ts";
import { wholeNumber } from "../option-values.ts";

interface Options extends CommonOptions {
  readonly window?: number;
}

/** Adds `destinations`. */
export function addDestinations(program: Command, cli: Cli): void {
  program
    .command("destinations [lane]")
    .description("how the destinations do, or one in detail")
    .option("--window <minutes>", "over the last minutes (default: an hour)", wholeNumber(1, 20_160))
    .action(
      action(cli, async (options: Options, lane: string | undefined) => {
        const ops = openOps(cli, options);
        const query = { window: options.window };
        if (lane === undefined) {
          const all = await ops.get<{ readonly items: readonly DestinationHealth[] }>("destinations", query);
          print(cli, options, all, ({ items }, screen) => destinationTable(items, screen));
        } else {
          const one = await ops.get<DestinationHealth>(opsPath("destinations", lane), query);
          print(cli, options, one, destinationLines);
        }
        return EXIT.ok;
      }),
    );
}
