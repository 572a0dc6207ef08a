import type { ResolvedSource } from "../config/resolved-config.ts";
import { hashSourceKey, isKeyOf, MalformedDigest, sourceKeyDigests } from "../core/source-key.ts";
import type { SourceKeys } from "../pipeline/ingest-contract.ts";
import { SecretError, type Secrets } from "../pipeline/ports.ts";

/** Shortest time between two reads of the secrets on behalf of keys that nobody knows. */
const REFRESH_INTERVAL_MS = 30_000;

/** A first round that took longer shows a service in trouble: a second one would outlast the sender's patience. */
const SLOW_ROUND_MS = 2_000;

/** What the source keys need; `refresh` reads a secret past the cache, so that a new key works before the cache ends. */
export interface SourceKeysOptions {
  readonly sources: readonly ResolvedSource[];
  readonly secrets: Secrets & { refresh?(name: string): ReturnType<Secrets["get"]> };
  readonly now: () => number;
}

/**
 * A source's secret as a function keeps it in memory: the digests of its keys, never a key. Throws `SecretError` when a
 * digest is malformed: the right key would else be called unknown, and SDKs throw events away on 401.
 */
export function keptOfSourceSecret(secret: Readonly<Record<string, string>>, name: string): Record<string, string> {
  try {
    return { ...sourceKeyDigests(secret) };
  } catch (error) {
    throw error instanceof MalformedDigest ? new SecretError(`secret ${name}: ${error.message}`) : error;
  }
}

/**
 * Keys of the sources, from their secrets: `key`, and `previousKey` while it is being rotated, or the digest of either.
 * Digests are compared, all of them and each in constant time, so that the time taken tells nothing about any key.
 */
export function createSourceKeys({ sources, secrets, now }: SourceKeysOptions): SourceKeys {
  let lastRefresh = Number.NEGATIVE_INFINITY;
  return {
    async find(key) {
      const asked = now();
      const found = await match(key, sources, (name) => secrets.get(name));
      if (found.source !== undefined) return found.source;
      const { refresh } = secrets;
      if (refresh !== undefined && now() - lastRefresh >= REFRESH_INTERVAL_MS && now() - asked < SLOW_ROUND_MS) {
        lastRefresh = now();
        const fresh = await match(key, sources, (name) => refresh(name));
        if (fresh.source !== undefined) return fresh.source;
      }
      if (found.failure !== undefined) throw found.failure;
      return undefined;
    },
  };
}

async function match(
  key: string,
  sources: readonly ResolvedSource[],
  read: (name: string) => ReturnType<Secrets["get"]>,
): Promise<{ source?: ResolvedSource; failure?: unknown }> {
  const presented = hashSourceKey(key);
  const secrets = await Promise.allSettled(
    sources.map(async ({ keySecretName: name }) => keptOfSourceSecret(await read(name), name)),
  );
  let found: ResolvedSource | undefined;
  let failure: unknown;
  for (const [index, secret] of secrets.entries()) {
    if (secret.status === "rejected") {
      failure = secret.reason;
      continue;
    }
    if (isKeyOf(presented, secret.value)) found = sources[index];
  }
  return found === undefined ? { failure } : { source: found };
}
