import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { installOutbound } from "../packages/local-stack/src/outbound.ts";
import { createSecrets } from "../src/adapters/aws-secrets.ts";
import type { ResolvedConfig, ResolvedDestination } from "../src/config/resolved-config.ts";
import type { LaneCredentials } from "../src/pipeline/lane.ts";
import { SecretError } from "../src/pipeline/ports.ts";
import { environmentOf, secretNameIn } from "./cli/stack-access.ts";
import { fillDestinationSecrets, isMadeUp, readSecret } from "./local-secrets.ts";
import { LOCAL_DIRECTORY, readLocalState } from "./local-state.ts";

/** How the command line says where the test goes and with which credentials. */
export interface AccessOptions {
  readonly directory?: string | undefined;
  readonly deployed?: boolean | undefined;
  readonly stack?: string | undefined;
  readonly region?: string | undefined;
  readonly realPlatform?: boolean | undefined;
  readonly credentials?: string | undefined;
}

/** Where a test goes, in words, and the credentials for it. */
export interface Access {
  readonly where: string;
  readonly credentials: LaneCredentials;
  readonly secretName: string;
}

/**
 * Opens the way to the platform. Without `--deployed`, `--stack` or `--real-platform` that way ends at the sandbox of the
 * running local stack: from here on every request of this process that would leave the machine goes there.
 */
export async function openAccess(
  lane: ResolvedDestination,
  config: ResolvedConfig,
  options: AccessOptions,
): Promise<Access> {
  if (options.deployed === true || options.stack !== undefined) return deployed(lane, config, options);
  if (options.realPlatform === true) return realPlatform(lane, options);
  const { sandboxUrl } = readLocalState(options.directory);
  // A stack that was killed leaves its addresses: better said now than as a platform that cannot be reached.
  await fetch(`${sandboxUrl}/_sandbox/counts`);
  installOutbound(sandboxUrl);
  await registerSecret(lane, config, options, sandboxUrl);
  return {
    where: "the sandbox of the running local stack",
    secretName: lane.secretName,
    credentials: localCredentials(options),
  };
}

function deployed(lane: ResolvedDestination, config: ResolvedConfig, options: AccessOptions): Access {
  const environment = options.stack === undefined ? config.environment : environmentOf(options.stack);
  const secretName = secretNameIn(environment, config, lane.secretName);
  if (options.credentials !== undefined) return { ...realPlatform(lane, options), secretName };
  const client = new SecretsManagerClient(options.region === undefined ? {} : { region: options.region });
  const credentials = createSecrets({ ttlMs: 0, now: Date.now, client });
  return { where: `the platform, with the secret ${secretName}`, secretName, credentials };
}

function realPlatform(lane: ResolvedDestination, options: AccessOptions): Access {
  const file = options.credentials ?? secretsFile(options);
  const credentials = localCredentials(options);
  const get = async (name: string) => {
    const secret = await credentials.get(name);
    const made = Object.keys(secret).filter((field) => isMadeUp(secret[field] ?? ""));
    if (made.length > 0) {
      throw new SecretError(`${made.join(", ")} in ${file} was made for the sandbox: put the platform's own there`);
    }
    return secret;
  };
  return { where: `the platform, with ${file}`, secretName: lane.secretName, credentials: { get, refresh: get } };
}

function secretsFile({ directory = LOCAL_DIRECTORY }: AccessOptions): string {
  return join(directory, "secrets.json");
}

function localCredentials(options: AccessOptions): LaneCredentials {
  const get = async (name: string) => {
    if (options.credentials !== undefined) return credentialsIn(options.credentials);
    try {
      return readSecret(secretsFile(options), name);
    } catch {
      throw new SecretError(`${secretsFile(options)} has no readable secret ${name}`);
    }
  };
  return { get, refresh: get };
}

// No message here quotes any part of the file, as those of a JSON parser do.
function credentialsIn(file: string): Readonly<Record<string, string>> {
  if (!existsSync(file)) throw new SecretError(`--credentials: there is no file ${file}`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new SecretError(`${file} is not JSON`);
  }
  return flat(value, file);
}

function flat(value: unknown, file: string): Readonly<Record<string, string>> {
  const entries = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const wrong = entries.find(([, field]) => typeof field !== "string");
  if (entries.length === 0 || wrong !== undefined) {
    throw new SecretError(`${file} must be an object of texts${wrong === undefined ? "" : `: ${wrong[0]} is none`}`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A destination that the running stack was not started with gets credentials as `npm start` would have made them. */
async function registerSecret(
  lane: ResolvedDestination,
  config: ResolvedConfig,
  options: AccessOptions,
  sandboxUrl: string,
): Promise<void> {
  const orders: Promise<unknown>[] = [];
  const tell = (call: string, body: unknown): void => {
    const answer = fetch(`${sandboxUrl}/_sandbox/${call}`, { method: "POST", body: JSON.stringify(body) });
    orders.push(answer.then((response) => response.text()));
  };
  if (options.credentials !== undefined) return;
  await fillDestinationSecrets({ ...config, destinations: [lane] }, secretsFile(options), {
    registerWebhookSecret: (url, secret) => tell("webhook-secret", { url, secret }),
    registerServiceAccount: (email, publicKey) => tell("tokens", { serviceAccount: { email, publicKey } }),
  });
  await Promise.all(orders);
}
