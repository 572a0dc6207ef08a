import { readLocalState } from "../local-state.ts";
import { CliError, EXIT } from "./cli-error.ts";
import type { OpsAddress } from "./ops-client.ts";
import { profilesFile, readProfiles } from "./profiles.ts";
import type { Terminal } from "./terminal.ts";

/** How the command line says which stack is meant. */
export interface TargetOptions {
  readonly url?: string;
  readonly key?: string;
  readonly stack?: string;
  readonly directory?: string;
}

const KEY_WAYS = "Put it into TRACKLAYER_OPS_KEY, or sign in with `tracklayer login`.";

/**
 * The stack that is meant. What the command line says goes before the environment, and without either it is the local
 * stack: nobody reads, or stops, a deployment by mistake.
 */
export function chooseTarget(options: TargetOptions, terminal: Pick<Terminal, "env" | "err">): OpsAddress {
  const { env } = terminal;
  if (options.key !== undefined) {
    terminal.err(
      "warning: --key is seen in the shell's history and in the list of processes; prefer TRACKLAYER_OPS_KEY",
    );
  }
  const given = options.key ?? env.TRACKLAYER_OPS_KEY;
  if (options.url !== undefined) return remote(options.url, given);
  if (options.stack !== undefined) return ofProfile(options.stack, options.key, env);
  if (options.directory === undefined && env.TRACKLAYER_URL) return remote(env.TRACKLAYER_URL, given);
  return local(options);
}

function remote(url: string, key: string | undefined): OpsAddress {
  if (!key) throw new CliError(`There is no ops key for ${url}.`, EXIT.usage, KEY_WAYS);
  const unreachable = "Check the address (the deployment prints it), the network, and whether the stack is deployed.";
  return { url: baseUrl(url), key, unreachable };
}

function ofProfile(stack: string, key: string | undefined, env: Terminal["env"]): OpsAddress {
  const profiles = readProfiles(profilesFile(env));
  const name = Object.keys(profiles).find((known) => known.toLowerCase() === stackName(stack).toLowerCase());
  const profile = name === undefined ? undefined : profiles[name];
  if (profile !== undefined) return remote(profile.url, key ?? profile.key);
  const known = Object.keys(profiles);
  throw new CliError(
    `You are not signed in to ${stackName(stack)}${known.length === 0 ? "" : `, only to ${known.join(", ")}`}.`,
    EXIT.usage,
    `Sign in with \`tracklayer login --stack ${stackName(stack)} --url <url>\`.`,
  );
}

function local({ directory, key }: TargetOptions): OpsAddress {
  try {
    const { apiUrl, opsKey } = readLocalState(directory);
    if (key === undefined && opsKey === undefined)
      throw new Error("the local stack here was started by an older version");
    return { url: baseUrl(apiUrl), key: key ?? opsKey ?? "", unreachable: "Start the local stack with `npm start`." };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new CliError(said, EXIT.unreachable, "For a deployed stack: --stack, or --url with TRACKLAYER_OPS_KEY.");
  }
}

/** `production` and `TrackLayer-production` name the same stack. */
export function stackName(given: string): string {
  return `TrackLayer-${given.replace(/^tracklayer-/i, "")}`;
}

/** The URL that paths are put behind. A key goes in clear text only to this machine. */
export function baseUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || !["https:", "http:"].includes(url.protocol)) {
    throw new CliError(
      `This is no URL: ${given}.`,
      EXIT.usage,
      "Give the URL that the deployment printed, with https://.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new CliError("The URL must not hold a user or a password.", EXIT.usage, KEY_WAYS);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new CliError(
      `The key would go to ${url.origin} in clear text.`,
      EXIT.usage,
      "Give the address with https://.",
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/v1\/ops$/, "")}`;
}

/** Whether a host of a URL is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
