import { existsSync, readFileSync } from "node:fs";
import { healthScreen } from "../src/adapters/routing-rules.ts";
import { showValue } from "../src/config/config-error.ts";
import { didYouMean } from "../src/config/did-you-mean.ts";
import type { ResolvedConfig, ResolvedDestination } from "../src/config/resolved-config.ts";
import { consentRulesOf } from "../src/core/consent-firewall.ts";
import type { Destination } from "../src/core/destination.ts";
import type { CanonicalEvent } from "../src/core/event.ts";
import { type EventRule, ruleFor } from "../src/core/event-rules.ts";
import type { Lane } from "../src/core/routing.ts";
import { SettingsError } from "../src/core/settings-schema.ts";
import { DESTINATIONS } from "../src/destinations/registry.ts";
import type { PreviewScope } from "../src/pipeline/preview.ts";

/** A lane to try: of the config, or one made up for a destination that is not configured. */
export interface ChosenLane {
  readonly resolved: ResolvedDestination;
  readonly destination: Destination;
}

/**
 * The configured lane of this name, or a lane of this destination type with the given settings. Throws a sentence for the
 * person at the terminal.
 */
export function chooseLane(config: ResolvedConfig, name: string, settings: string | undefined): ChosenLane {
  const configured = config.destinations.find(({ id }) => id === name);
  const type = configured?.type ?? name;
  const destination = Object.hasOwn(DESTINATIONS, type) ? DESTINATIONS[type] : undefined;
  if (destination === undefined) throw new Error(unknownName(config, name));
  if (configured !== undefined && settings === undefined) return { resolved: configured, destination };
  const given = settings === undefined ? undefined : readJson(settings, "--settings");
  const parsed = parseSettings(destination, given, settings === undefined);
  const own = configured ?? laneOf(type, config.environment);
  return { resolved: { ...own, settings: parsed }, destination };
}

function unknownName(config: ResolvedConfig, name: string): string {
  const lanes = config.destinations.map(({ id }) => id);
  const types = Object.keys(DESTINATIONS);
  const meant = didYouMean(name, [...lanes, ...types]);
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return `${name} is neither a lane of the configuration nor a destination.${hint}
Lanes: ${lanes.join(", ") || "none"}. Destinations: ${types.join(", ")}.`;
}

function parseSettings(destination: Destination, given: unknown, isAbsent: boolean): unknown {
  try {
    return destination.settings.parse(given);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const lines = error.issues.map(({ field, rule, got }) => `  ${field}: ${rule} (got ${shownGot(field, got)})`);
    const remedy = isAbsent
      ? `${destination.id} is not configured: add it to tracklayer.config.ts, or give --settings '{...}' or a file`
      : `the settings for ${destination.id} are wrong`;
    throw new Error([`${remedy}:`, ...lines].join("\n"));
  }
}

/** JSON is what was given, and may be a secret; anything else is words of the destination, such as `nothing`. */
function shownGot(field: string, got: string): string {
  try {
    return showValue(field, JSON.parse(got));
  } catch {
    const shown = showValue(field, got);
    return shown === JSON.stringify(got) ? got : shown;
  }
}

function laneOf(type: string, environment: string): Omit<ResolvedDestination, "settings"> {
  return {
    id: type,
    type,
    secretName: `tracklayer/${environment}/destination/${type}`,
    events: {},
    customEvents: {},
    testMode: false,
    batchWindowSeconds: 0,
    maxConcurrency: 2,
  };
}

/** The lane as routing sees it, and the rest of what decides over an event. */
export function previewScope({ resolved, destination }: ChosenLane, config: ResolvedConfig, now: number): PreviewScope {
  const { id, settings, events, customEvents, testMode } = resolved;
  const screen = healthScreen(config);
  const lane: Lane = {
    id,
    destination,
    settings,
    events,
    customEvents,
    testMode,
    ...consentRulesOf(resolved),
    ...(screen === undefined || destination.firstParty === true ? {} : { health: screen }),
  };
  const { consent: rules, defaultCountry, sensitiveData } = config;
  return {
    lane,
    rules: {
      consent: rules,
      ...(defaultCountry === undefined ? {} : { defaultCountry }),
      ...(sensitiveData === undefined ? {} : { sensitiveData }),
    },
    now,
  };
}

/** The scope with another name or id of the platform for this event, as the config would give it. */
export function namedAs(scope: PreviewScope, { event_name, custom_name }: CanonicalEvent, name: string): PreviewScope {
  const { lane } = scope;
  const problem = lane.destination.eventNameProblem?.(name);
  if (problem !== undefined) throw new Error(`--as: ${problem} (got ${JSON.stringify(name)})`);
  const rule: EventRule = {
    ...ruleFor({ event_name, ...(custom_name === undefined ? {} : { custom_name }) }, lane),
    name,
  };
  const rules =
    custom_name === undefined
      ? { events: { ...lane.events, [event_name]: rule } }
      : { customEvents: { ...lane.customEvents, [custom_name]: rule } };
  return { ...scope, lane: { ...lane, ...rules } };
}

/** JSON from a file, from standard input for `-`, or given as it is. `what` names it in the error. */
export function readJson(given: string, what: string): unknown {
  const isInline = given.trimStart().startsWith("{");
  if (!isInline && given !== "-" && !existsSync(given)) throw new Error(`${what}: there is no file ${given}`);
  const text = isInline ? given : readFileSync(given === "-" ? 0 : given, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what} is not JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}
