import type { Command } from "commander";
import { action, type Cli, type CommonOptions, print } from "../cli.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { createOpsClient, maskedKey } from "../ops-client.ts";
import { profilesFile, readProfiles, writeProfiles } from "../profiles.ts";
import { baseUrl, stackName } from "../target.ts";

/** Adds `login` and `logout`. */
export function addLogin(program: Command, cli: Cli): void {
  program
    .command("login")
    .description("keep address and key of a deployed stack (--stack, --url), for --stack of every other command")
    .action(action(cli, (options) => login(cli, options)));
  program
    .command("logout")
    .description("forget the address and key of --stack; the key itself goes on to work until it is revoked")
    .action(action(cli, (options) => logout(cli, options)));
}

async function login(cli: Cli, options: CommonOptions) {
  const { terminal } = cli;
  const url = options.url ?? terminal.env.TRACKLAYER_URL;
  if (options.stack === undefined || !url) {
    throw new CliError("Say which stack, and where it is: --stack TrackLayer-<environment> --url <url>.", EXIT.usage);
  }
  const address = {
    url: baseUrl(url),
    key: await keyFor(cli, options),
    unreachable: "Check the URL that the deployment printed.",
  };
  // A key that was mistyped is better found now than in an emergency.
  await createOpsClient(address, { fetch: cli.fetch, now: terminal.now }).get("health");
  const file = profilesFile(terminal.env);
  const stack = stackName(options.stack);
  writeProfiles(file, { ...readProfiles(file), [stack]: { url: address.url, key: address.key } });
  const saved = { stack, url: address.url, key: maskedKey(address.key), file };
  print(cli, options, saved, (it) => [`Signed in to ${it.stack} at ${it.url} with ${it.key}; kept in ${it.file}.`]);
  return EXIT.ok;
}

async function keyFor({ terminal }: Cli, { key }: CommonOptions): Promise<string> {
  const given = key ?? terminal.env.TRACKLAYER_OPS_KEY;
  const text = given || (terminal.canAsk ? await terminal.askSecret("Ops key: ") : await terminal.input());
  if (text.trim() === "")
    throw new CliError("No key was given.", EXIT.usage, "Make one with `tracklayer keys create`.");
  return text.trim();
}

async function logout(cli: Cli, options: CommonOptions) {
  if (options.stack === undefined) throw new CliError("Say which stack: --stack TrackLayer-<environment>.", EXIT.usage);
  const file = profilesFile(cli.terminal.env);
  const stack = stackName(options.stack);
  const { [stack]: forgotten, ...others } = readProfiles(file);
  if (forgotten === undefined) throw new CliError(`You are not signed in to ${stack}.`);
  writeProfiles(file, others);
  print(cli, options, { stack, forgotten: true }, () => [`Forgotten: ${stack}.`]);
  return EXIT.ok;
}
