import type { Command } from "commander";
import type { ResolvedConfig } from "../../../src/config/resolved-config.ts";
import type { Tone } from "../../../src/pipeline/tone.ts";
import { action, type Cli, type CommonOptions, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import {
  checkApi,
  checkDeadLetters,
  checkDeployment,
  checkDns,
  checkLanes,
  checkPrivacyJobs,
  checkReadBacks,
} from "../doctor-api.ts";
import { checkAws } from "../doctor-aws.ts";
import { type Check, fail, looked, ok, skipped } from "../doctor-check.ts";
import { checkConfig, checkPlatforms, checkSecrets } from "../doctor-config.ts";
import { createOpsClient, type OpsAddress } from "../ops-client.ts";
import { readableLines } from "../shown-text.ts";
import { chooseAccess, type StackAccess } from "../stack-access.ts";
import { chooseTarget, isLoopback } from "../target.ts";

interface Options extends CommonOptions {
  readonly send?: boolean;
  readonly region?: string;
}

/** Adds `doctor`. */
export function addDoctor(program: Command, cli: Cli): void {
  program
    .command("doctor")
    .description("look at everything that has to be in order: configuration, API, clock, secrets, lanes, account")
    .option("--send", "also send a test event to every destination that has a test mode")
    .option("--region <region>", "AWS region of the deployed stack")
    .action(action(cli, (options: Options) => doctor(cli, options)));
}

async function doctor(cli: Cli, options: Options) {
  const checks: Check[] = [nodeCheck()];
  const see = (found: readonly Check[]) => {
    checks.push(...found);
    const last = found.at(-1);
    if (last !== undefined) cli.terminal.progress(`looked at ${last.check}`);
  };
  const { config, checks: configured } = await checkConfig(cli.terminal.now());
  see(configured);
  const address = await addressOf(cli, options, see);
  const environment = address === undefined ? undefined : await checkStack(cli, address, config, see);
  if (config !== undefined) await checkAccess(config, address, environment, options, see);
  const failed = checks.filter(({ state }) => state === "fail").length;
  print(cli, options, { healthy: failed === 0, checks }, (_, screen) => checkLines(checks, screen));
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

function nodeCheck(): Check {
  const { version } = process;
  if (process.features.typescript) return ok("node", version);
  return fail("node", `${version} cannot run this`, "Run it as `npx tracklayer`, which brings its own.");
}

type See = (found: readonly Check[]) => void;

async function addressOf(cli: Cli, options: Options, see: See): Promise<OpsAddress | undefined> {
  let address: OpsAddress | undefined;
  see(
    await looked("ops api", async () => {
      address = chooseTarget(options, cli.terminal);
      return [];
    }),
  );
  return address;
}

/** What the API tells; answers the environment that runs there. */
async function checkStack(cli: Cli, address: OpsAddress, config: ResolvedConfig | undefined, see: See) {
  const ops = createOpsClient(address, { fetch: cli.fetch, now: cli.terminal.now });
  const { health, checks } = await checkApi(ops, cli.terminal.now);
  see(checks);
  see([await checkDns(address.url)]);
  if (health === undefined) return undefined;
  if (config !== undefined) see([checkDeployment(health, config)]);
  see(await checkLanes(ops));
  see(await checkDeadLetters(ops));
  see(await checkPrivacyJobs(ops));
  if (config?.destinations.some(({ readBackQuality }) => readBackQuality === true)) see(await checkReadBacks(ops));
  return health.environment;
}

async function checkAccess(
  config: ResolvedConfig,
  address: OpsAddress | undefined,
  environment: string | undefined,
  options: Options,
  see: See,
) {
  let access: StackAccess | undefined;
  const isRemote = address !== undefined && !isLoopback(new URL(address.url).hostname);
  const stack = options.stack ?? (isRemote ? (environment ?? config.environment) : undefined);
  const place = { ...options, ...(stack === undefined ? {} : { stack }) };
  see(
    await looked("secrets", async () => {
      access = chooseAccess(place, config);
      return [];
    }),
  );
  if (access === undefined) return;
  see(await checkAws(access));
  see(await checkSecrets(config, access));
  see(
    options.send === true
      ? await checkPlatforms(config, place)
      : [skipped("test event", "not sent: --send tries every destination in its test mode")],
  );
}

const TONES: Readonly<Record<Check["state"], Tone>> = { ok: "good", warn: "wait", fail: "bad", skipped: "dim" };

/** A finding of several lines keeps them: a wrong configuration has one for each problem. */
function checkLines(checks: readonly Check[], { paint }: Screen): string[] {
  return checks.flatMap(({ check, state, says, todo = "" }) => {
    const [first = "", ...others] = readableLines(says).split("\n");
    return [
      `${paint(TONES[state], state.padEnd(7))}  ${check.padEnd(13)}  ${first}`,
      ...[...others, ...(todo === "" ? [] : readableLines(todo).split("\n"))].map((line) => `${" ".repeat(26)}${line}`),
    ];
  });
}
