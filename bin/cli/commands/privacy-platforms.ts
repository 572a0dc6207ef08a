import type { Command } from "commander";
import type { PlatformDeletion } from "../../../src/ops/contract/privacy.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";

const WAYS: Readonly<Record<PlatformDeletion["by"], string>> = {
  api: "by its API",
  account: "in its account",
  expiry: "by itself",
  nothing: "nobody to delete there",
  undocumented: "not documented",
};

/** Adds `platforms` to the commands for people's own data. */
export function addPrivacyPlatforms(privacy: Command, cli: Cli): void {
  privacy
    .command("platforms")
    .description("how the platform behind each destination deletes a person; TrackLayer does not call it")
    .action(
      action(cli, async (options: CommonOptions) => {
        const answer = await openOps(cli, options).get<{ items: readonly PlatformDeletion[] }>("privacy/platforms");
        print(cli, options, answer, platformLines);
        return EXIT.ok;
      }),
    );
}

function platformLines(
  { items }: { readonly items: readonly PlatformDeletion[] },
  { paint }: Pick<Screen, "paint">,
): string[] {
  if (items.length === 0) return ["No destination is configured."];
  return items.flatMap(({ afterDays, by, docs, how, identifiers, lane, name }, index) => [
    ...(index === 0 ? [] : [""]),
    `${paint("strong", lane)}  ${name}: ${WAYS[by]}${afterDays === undefined ? "" : `, after ${afterDays} days`}`,
    `  ${how}`,
    ...(identifiers.length === 0 ? [] : [`  names the person by: ${identifiers.join(", ")}`]),
    `  ${paint("dim", docs)}`,
  ]);
}
