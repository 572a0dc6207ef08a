import { ConfigError } from "../../src/config/config-error.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";

/** As little as a configuration may say. */
export const SMALLEST_CONFIG = { environment: "test", sources: { shop: { kind: "server" } }, destinations: {} };

/** As little as a lane to Meta may say. */
export const META_LANE = { settings: { datasetId: "123456789012345" } };

/** What the smallest configuration and these fields come to; throws what is wrong with them. */
export function resolvedWith(overrides: Readonly<Record<string, unknown>> = {}): ResolvedConfig {
  return resolveConfig({ ...SMALLEST_CONFIG, ...overrides }, DESTINATIONS);
}

/** Everything that is wrong with a configuration, as `field: rule (got value)`. */
export function problemsIn(input: unknown, destinations: Parameters<typeof resolveConfig>[1] = DESTINATIONS): string[] {
  try {
    resolveConfig(input, destinations);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ field, rule, got }) => `${field}: ${rule} (got ${got})`);
  }
  return [];
}

/** Everything that is wrong with the smallest configuration and these fields. */
export function problemsWith(overrides: Readonly<Record<string, unknown>>): string[] {
  return problemsIn({ ...SMALLEST_CONFIG, ...overrides });
}
