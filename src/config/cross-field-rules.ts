import { DAY_MS, HOUR_MS } from "../core/durations.ts";
import { type ConfigProblem, showValue } from "./config-error.ts";
import type { ParsedConfig } from "./config-schema.ts";
import { checkConsentDefaults } from "./consent-defaults.ts";
import type { ResolvedDestination, ResolvedSource } from "./resolved-config.ts";

/** Rules that more than one field of the configuration is in, but for those of a lane, which are checked with it. */
export function checkAcrossFields(
  config: ParsedConfig,
  sources: readonly ResolvedSource[],
  lanes: readonly ResolvedDestination[],
  problems: ConfigProblem[],
): void {
  const { deliveryDays } = config.retention;
  if (deliveryDays * DAY_MS < config.delivery.retryHours * HOUR_MS) {
    const rule = `must cover delivery.retryHours (${config.delivery.retryHours}), or a receipt would be gone before its last try`;
    problems.push({ field: "retention.deliveryDays", rule, got: String(deliveryDays) });
  }
  checkSecretNames(sources, lanes, problems);
  checkIdentityScopes(config, sources, problems);
  checkConsentDefaults(config.consent.defaults, problems);
}

/** Copies of one event must be one person's, and an order's refund its buyer's, wherever brands are kept apart. */
function checkIdentityScopes(
  config: ParsedConfig,
  sources: readonly ResolvedSource[],
  problems: ConfigProblem[],
): void {
  const scopes = new Map<string, { scope: string; id: string }>();
  for (const { id, dedupScope, identityScope: scope = dedupScope } of sources) {
    const other = scopes.get(dedupScope);
    scopes.set(dedupScope, other ?? { scope, id });
    if (other === undefined || other.scope === scope) continue;
    const rule = `must be ${JSON.stringify(other.scope)} as of sources.${other.id}: both have the dedupScope ${JSON.stringify(dedupScope)}`;
    problems.push({
      field: `sources.${id}.identityScope`,
      rule,
      got: showValue("scope", config.sources[id]?.identityScope),
    });
  }
}

/** Two lanes may share credentials; a key shared by two sources would make them one, and with a lane would leak it. */
function checkSecretNames(
  sources: readonly ResolvedSource[],
  lanes: readonly ResolvedDestination[],
  problems: ConfigProblem[],
): void {
  const owners = new Map(lanes.map((lane) => [lane.secretName, `destinations.${lane.id}`]));
  for (const source of sources) {
    const owner = owners.get(source.keySecretName);
    if (owner !== undefined) {
      const rule = `must differ from the secret of ${owner}`;
      problems.push({ field: `sources.${source.id}.keySecret`, rule, got: JSON.stringify(source.keySecretName) });
    }
    owners.set(source.keySecretName, `sources.${source.id}`);
  }
}
