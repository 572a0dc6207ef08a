import { HOUR_MS } from "../core/durations.ts";
import type { MergeRules } from "../core/merge-rules.ts";
import { present } from "../core/present.ts";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import { CONFIG, type ParsedConfig } from "./config-schema.ts";
import { checkAcrossFields } from "./cross-field-rules.ts";
import { resolveConsent } from "./resolve-consent.ts";
import { type ConfigurableDestination, checkLaneOverrides, resolveLanes } from "./resolve-lanes.ts";
import { resolveSources } from "./resolve-sources.ts";
import type { ResolvedConfig, ResolvedDestination, ResolvedSource } from "./resolved-config.ts";
import { problemsOf } from "./schema-problems.ts";

/**
 * Checks a user's configuration and fills in what it leaves out. `destinations` are the known types by id.
 * Throws `ConfigError` with every problem found.
 */
export function resolveConfig(
  input: unknown,
  destinations: Readonly<Record<string, ConfigurableDestination>>,
): ResolvedConfig {
  const parsed = CONFIG.safeParse(input);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.flatMap((issue) => problemsOf(issue, input)));

  const config = parsed.data;
  const problems: ConfigProblem[] = [];
  const sources = resolveSources(config, problems);
  const lanes = resolveLanes(config, destinations, problems);
  checkAcrossFields(config, sources, lanes, problems);
  checkLaneOverrides(config, lanes, destinations, problems);
  if (problems.length > 0) throw new ConfigError(problems);

  const production = config.production ?? config.environment === "production";
  return {
    environment: config.environment,
    production,
    sources,
    destinations: lanes,
    ...present({ contactsSecretName: contactsSecretName(config, lanes, destinations) }),
    consent: resolveConsent(config.consent),
    sensitiveData: config.sensitiveData,
    ...(config.defaultCountry === undefined ? {} : { defaultCountry: config.defaultCountry }),
    keyEvents: [...new Set(config.keyEvents)],
    ...present({ merge: resolveMerge(config.merge, sources, production) }),
    alarms: config.alarms,
    delivery: {
      retryWindowMs: config.delivery.retryHours * HOUR_MS,
      firstRetryMs: config.delivery.firstRetrySeconds * 1000,
      longestRetryMs: config.delivery.longestRetrySeconds * 1000,
    },
    logs: { eventShare: config.logs.eventShare ?? (production ? 0.01 : 1) },
    retention: config.retention,
    ...(config.archive === false
      ? {}
      : {
          archive: {
            days: config.archive.days,
            bufferSeconds: config.archive.bufferSeconds ?? (production ? 300 : 60),
          },
        }),
    ingest: config.ingest,
  };
}

/** Only where a lane takes contacts in clear: without one nothing is kept in clear, and no secret is paid for. */
function contactsSecretName(
  { environment }: ParsedConfig,
  lanes: readonly ResolvedDestination[],
  destinations: Readonly<Record<string, ConfigurableDestination>>,
): string | undefined {
  const isNeeded = lanes.some(({ settings, type }) => destinations[type]?.needsRawContact?.(settings) === true);
  return isNeeded ? `tracklayer/${environment}/contacts` : undefined;
}

/** Where all sources of a scope are on one side no other copy can come, and waiting would only cost. */
function resolveMerge(
  merge: ParsedConfig["merge"],
  sources: readonly ResolvedSource[],
  production: boolean,
): MergeRules | undefined {
  if (merge === false || merge.events.length === 0) return undefined;
  const scopes = [...Map.groupBy(sources, ({ dedupScope }) => dedupScope)].flatMap(([scope, own]) =>
    own.some(({ kind }) => kind === "server") && own.some(({ kind }) => kind !== "server") ? [scope] : [],
  );
  if (scopes.length === 0) return undefined;
  return { events: [...new Set(merge.events)], windowSeconds: merge.windowSeconds ?? (production ? 30 : 5), scopes };
}
