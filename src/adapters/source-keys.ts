import { createHash, timingSafeEqual } from "node:crypto";
import type { ResolvedSource } from "../config/resolved-config.ts";
import type { SourceKeys } from "../pipeline/ingest-contract.ts";
import type { Secrets } from "../pipeline/ports.ts";

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
 * Keys of the sources, from their secrets (`key`, and `previousKey` while it is being rotated). Digests are compared,
 * all of them and each in constant time, so that the time taken tells nothing about any key.
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
  const presented = digest(key);
  const secrets = await Promise.allSettled(sources.map((source) => read(source.keySecretName)));
  let found: ResolvedSource | undefined;
  let failure: unknown;
  for (const [index, secret] of secrets.entries()) {
    if (secret.status === "rejected") {
      failure = secret.reason;
      continue;
    }
    for (const valid of [secret.value.key, secret.value.previousKey]) {
      if (valid && timingSafeEqual(presented, digest(valid))) found = sources[index];
    }
  }
  return found === undefined ? { failure } : { source: found };
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
