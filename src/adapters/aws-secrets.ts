import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SecretError, type Secrets } from "../pipeline/ports.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";

type Secret = Readonly<Record<string, string>>;

/** Secrets whose cached value can be thrown away when a platform stops taking it. */
export interface RefreshableSecrets extends Secrets {
  /** Reads the secret anew, past the cache. */
  refresh(name: string): Promise<Secret>;
}

/**
 * What the secrets need: how long a value is kept, a clock in epoch ms, the client to read with, and what of a secret is
 * kept and answered, where that is not all of it; `keep` may throw `SecretError`.
 */
export interface SecretsOptions {
  readonly ttlMs: number;
  readonly now: () => number;
  readonly client?: Pick<SecretsManagerClient, "send">;
  readonly keep?: (secret: Secret, name: string) => Secret;
}

/** A secret that cannot be read is asked for again after this long, not on every request. */
const FAILURE_TTL_MS = 10_000;

/** Errors of Secrets Manager that only a person ends; everything else passes by itself. */
const PERMANENT = new Set([
  "ResourceNotFoundException",
  "AccessDeniedException",
  "DecryptionFailure",
  "InvalidRequestException",
]);

interface Entry {
  until: number;
  secret: Promise<Secret>;
}

/**
 * Secrets Manager, cached per container, with concurrent reads of one name sharing one call. A value past its time
 * stays in use while Secrets Manager cannot be reached.
 */
export function createSecrets(options: SecretsOptions): RefreshableSecrets {
  const client =
    options.client ??
    new SecretsManagerClient({ maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER });
  const entries = new Map<string, Entry>();
  const lastGood = new Map<string, Secret>();

  async function read(name: string): Promise<Secret> {
    try {
      const secret = await fetchSecret(client, name, options.keep);
      lastGood.set(name, secret);
      return secret;
    } catch (error) {
      const entry = entries.get(name);
      const stale = lastGood.get(name);
      const isLasting = error instanceof SecretError;
      // A failure that may pass at any moment is not remembered, unless the old value bridges it.
      const rememberedMs = isLasting || stale !== undefined ? Math.min(FAILURE_TTL_MS, options.ttlMs) : 0;
      if (entry !== undefined) entry.until = options.now() + rememberedMs;
      if (isLasting || stale === undefined) throw error;
      return stale;
    }
  }

  function load(name: string): Promise<Secret> {
    const secret = read(name);
    entries.set(name, { until: options.now() + options.ttlMs, secret });
    return secret;
  }

  return {
    get(name) {
      const entry = entries.get(name);
      return entry !== undefined && entry.until > options.now() ? entry.secret : load(name);
    },
    refresh: load,
  };
}

async function fetchSecret(
  client: Pick<SecretsManagerClient, "send">,
  name: string,
  keep: NonNullable<SecretsOptions["keep"]> = (secret) => secret,
): Promise<Secret> {
  let text: string | undefined;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: name }))).SecretString;
  } catch (error) {
    const code = error instanceof Error ? error.name : "";
    if (PERMANENT.has(code)) throw new SecretError(`secret ${name} cannot be read: ${code}`);
    throw error;
  }
  return Object.freeze(keep(parseSecret(name, text), name));
}

// No message here quotes any part of the value.
function parseSecret(name: string, text: string | undefined): Secret {
  if (text === undefined) throw new SecretError(`secret ${name} has no text value`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SecretError(`secret ${name} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SecretError(`secret ${name} is not a JSON object`);
  }
  const wrong = Object.entries(value).find(([, field]) => typeof field !== "string");
  if (wrong !== undefined) throw new SecretError(`field ${wrong[0]} of secret ${name} is not a string`);
  return value as Secret;
}
