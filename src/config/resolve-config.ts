import { CONSENT_PURPOSES, type ConsentPurpose } from "../core/consent.ts";
import type { Destination } from "../core/destination.ts";
import { HOUR_MS } from "../core/durations.ts";
import type { EventName } from "../core/event.ts";
import type { EventRule } from "../core/event-rules.ts";
import { CLOUDFRONT_HEADERS, type GeoHeaders } from "../core/geo-headers.ts";
import type { MergeRules } from "../core/merge-rules.ts";
import { present } from "../core/present.ts";
import { SettingsError } from "../core/settings-schema.ts";
import { ConfigError, type ConfigProblem, showValue } from "./config-error.ts";
import { CONFIG, ID, type ParsedConfig } from "./config-schema.ts";
import { checkConsentDefaults } from "./consent-defaults.ts";
import { expandCountries } from "./countries.ts";
import { ruleOf } from "./event-mapping-schema.ts";
import { checkOverrides, resolveLaneConsent } from "./resolve-consent.ts";
import type { ResolvedConfig, ResolvedConsent, ResolvedDestination, ResolvedSource } from "./resolved-config.ts";
import { problemsOf, valueAt, withHint } from "./schema-problems.ts";

const HOURS_PER_DAY = 24;

/** What is needed of a destination to check its configuration. */
export type ConfigurableDestination = Pick<Destination, "id" | "settings" | "eventNameProblem"> & {
  readonly limits?: Pick<Destination["limits"], "batchWindowSeconds">;
  readonly eventNames?: Destination["eventNames"];
} & Partial<Pick<Destination, "name" | "consent" | "whenDenied" | "takesPartial">> & {
    readonly qualityReadBack?: unknown;
  };

/** Long enough to fill a batch of a busy lane, short enough for a person who waits to see an event arrive. */
const BATCH_WINDOW_SECONDS = 5;

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
  const declared = lanes.map(({ id, type }) => [id, declarationOf(ownOf(destinations, type))] as const);
  checkOverrides(config, Object.fromEntries(declared), problems);
  if (problems.length > 0) throw new ConfigError(problems);

  const production = config.production ?? config.environment === "production";
  return {
    environment: config.environment,
    production,
    sources,
    destinations: lanes,
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

function resolveSources(config: ParsedConfig, problems: ConfigProblem[]): ResolvedSource[] {
  if (Object.keys(config.sources).length === 0) {
    problems.push({ field: "sources", rule: "must hold at least one source", got: "none" });
  }
  return Object.entries(config.sources).map(([id, source]) => {
    const field = `sources.${id}`;
    checkId(field, id, problems);
    const got = showValue(`${field}.origins`, source.origins);
    if (source.kind === "browser" && source.origins.length === 0) {
      problems.push({ field: `${field}.origins`, rule: "must list at least one origin for a browser source", got });
    }
    if (source.kind !== "browser" && source.origins.length > 0) {
      problems.push({ field: `${field}.origins`, rule: "must be absent: only browsers have origins", got });
    }
    return {
      id,
      kind: source.kind,
      allowedOrigins: [...new Set(source.origins)],
      dedupScope: source.dedupScope ?? id,
      ...identityScopes(config, source, id),
      keySecretName: source.keySecret ?? `tracklayer/${config.environment}/source/${id}`,
      ...(source.rateLimit === undefined ? {} : { rateLimit: source.rateLimit }),
      purchaseEventId: source.purchaseEventId,
      valueFrom: source.valueFrom,
    };
  });
}

/** Only what differs from the defaults: it travels with every event. */
function identityScopes(
  { identity }: ParsedConfig,
  { dedupScope, identityScope }: ParsedConfig["sources"][string],
  id: string,
): Pick<ResolvedSource, "identityScope" | "contactScope"> {
  const dedup = dedupScope ?? id;
  const scope = identityScope ?? dedup;
  return {
    ...(scope === dedup ? {} : { identityScope: scope }),
    ...(identity.sharedAcross === "scope" ? { contactScope: scope } : {}),
  };
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

function resolveLanes(
  config: ParsedConfig,
  destinations: Readonly<Record<string, ConfigurableDestination>>,
  problems: ConfigProblem[],
): ResolvedDestination[] {
  return Object.entries(config.destinations).map(([id, lane]) => {
    const field = `destinations.${id}`;
    checkId(field, id, problems);
    const type = lane.type ?? id;
    const destination = ownOf(destinations, type);
    if (destination === undefined) {
      const rule = withHint(`must be one of ${Object.keys(destinations).join(", ")}`, type, Object.keys(destinations));
      problems.push({ field: `${field}.type`, rule, got: showValue(`${field}.type`, type) });
    }
    if (lane.readBackQuality && destination !== undefined && destination.qualityReadBack === undefined) {
      const having = Object.keys(destinations).filter((it) => destinations[it]?.qualityReadBack !== undefined);
      const rule = `must be absent: only ${having.join(" and ")} tell their own score`;
      problems.push({ field: `${field}.readBackQuality`, rule, got: "true" });
    }
    return {
      id,
      type,
      settings: destination && parseSettings(destination, `${field}.settings`, lane.settings, problems),
      secretName: lane.secret ?? `tracklayer/${config.environment}/destination/${id}`,
      events: eventRules(lane.events, `${field}.events`, destination, problems),
      customEvents: eventRules(lane.customEvents, `${field}.customEvents`, destination, problems),
      ...resolveLaneConsent({ id, field, destination: declarationOf(destination) }, config, problems),
      testMode: lane.testMode,
      ...(lane.readBackQuality ? { readBackQuality: true as const } : {}),
      batchWindowSeconds: lane.batchWindowSeconds ?? destination?.limits?.batchWindowSeconds ?? BATCH_WINDOW_SECONDS,
      maxConcurrency: lane.maxConcurrency,
    };
  });
}

/** Own properties only: a lane called `constructor` must not find one. */
function ownOf<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** As much of a destination as consent is checked against; made-up ones of a test may lack it. */
function declarationOf(
  destination: ConfigurableDestination | undefined,
): Parameters<typeof resolveLaneConsent>[0]["destination"] {
  if (destination?.consent === undefined) return undefined;
  const { consent, id, name = id, takesPartial, whenDenied } = destination;
  return { name, consent, ...present({ takesPartial, whenDenied }) };
}

/** The rules that the mappings stand for; the destination checks names that it knows events by. */
function eventRules(
  mappings: ParsedConfig["destinations"][string]["customEvents"],
  field: string,
  destination: ConfigurableDestination | undefined,
  problems: ConfigProblem[],
): Record<string, EventRule> {
  return Object.fromEntries(
    Object.entries(mappings).map(([event, mapping]) => {
      const rule = ruleOf(mapping);
      const name = field.endsWith(".customEvents") ? "custom" : (event as EventName);
      const problem = eventRuleProblem(rule, name, destination);
      if (problem !== undefined) {
        const got = rule.name === undefined ? showValue(field, mapping) : JSON.stringify(rule.name);
        problems.push({ field: `${field}.${event}`, rule: problem, got });
      }
      return [event, rule];
    }),
  );
}

/** A rule without a name rests on the destination's own name: where there is none, it would silently send nothing. */
function eventRuleProblem(
  rule: EventRule,
  event: EventName,
  destination: ConfigurableDestination | undefined,
): string | undefined {
  if (rule.name !== undefined) return destination?.eventNameProblem?.(rule.name);
  if (rule.drop === true || destination?.eventNames === undefined) return undefined;
  if (destination.eventNames[event] !== undefined) return undefined;
  return `needs a name: ${destination.id} has none of its own for it, and would skip the event`;
}

/** The destination's own check; its problems are moved under the lane's field. */
function parseSettings(
  destination: ConfigurableDestination,
  field: string,
  settings: unknown,
  problems: ConfigProblem[],
): unknown {
  try {
    return destination.settings.parse(settings);
  } catch (error) {
    problems.push(...settingsProblems(error, field, settings));
    return undefined;
  }
}

function settingsProblems(error: unknown, field: string, settings: unknown): ConfigProblem[] {
  if (!(error instanceof SettingsError)) {
    const rule = error instanceof Error ? error.message : String(error);
    return [{ field, rule, got: showValue(field, settings) }];
  }
  return error.issues.map((issue) => {
    const own = issue.field === "settings" && !hasOwnField(settings, "settings");
    const name = own ? field : `${field}.${issue.field}`;
    const value = own ? settings : valueAt(settings, issue.field.split("."));
    return { field: name, rule: issue.rule, got: showValue(name, value) };
  });
}

function hasOwnField(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}

function checkId(field: string, id: string, problems: ConfigProblem[]): void {
  const checked = ID.safeParse(id);
  if (checked.success) return;
  for (const issue of checked.error.issues) {
    problems.push({ field, rule: `its id ${issue.message}`, got: showValue("id", id) });
  }
}

function checkAcrossFields(
  config: ParsedConfig,
  sources: readonly ResolvedSource[],
  lanes: readonly ResolvedDestination[],
  problems: ConfigProblem[],
): void {
  const { deliveryDays } = config.retention;
  if (deliveryDays * HOURS_PER_DAY < config.delivery.retryHours) {
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

function resolveConsent(consent: ParsedConfig["consent"]): ResolvedConsent {
  return {
    defaults: consent.defaults.map(({ because, countries, name, purposes }) => ({
      countries: expandCountries(countries),
      purposes: typeof purposes === "string" ? everyPurpose(purposes) : purposes,
      ...present({ name, because }),
    })),
    ...(consent.geoHeaders === undefined ? {} : { geoHeaders: resolveGeoHeaders(consent.geoHeaders) }),
    honourGpc: consent.honourGpc,
    categories: consent.categories,
  };
}

/** Requests have the names of headers in lower case. */
function resolveGeoHeaders(given: NonNullable<ParsedConfig["consent"]["geoHeaders"]>): GeoHeaders {
  if (given === "cloudfront") return CLOUDFRONT_HEADERS;
  const { address, country, region } = given;
  return present({
    country: country.toLowerCase(),
    region: region?.toLowerCase(),
    address: address?.toLowerCase(),
  });
}

function everyPurpose<Value>(value: Value): Record<ConsentPurpose, Value> {
  return Object.fromEntries(CONSENT_PURPOSES.map((purpose) => [purpose, value])) as Record<ConsentPurpose, Value>;
}
