import type { Destination } from "../core/destination.ts";
import { present } from "../core/present.ts";
import { type ConfigProblem, showValue } from "./config-error.ts";
import type { ParsedConfig } from "./config-schema.ts";
import { parseSettings } from "./lane-settings.ts";
import { resolveEventRules } from "./resolve-event-rules.ts";
import { checkOverrides, resolveLaneConsent } from "./resolve-lane-consent.ts";
import type { ResolvedDestination } from "./resolved-config.ts";
import { checkId, withHint } from "./schema-problems.ts";

/** What is needed of a destination to check its configuration. */
export type ConfigurableDestination = Pick<Destination, "id" | "settings" | "eventNameProblem"> & {
  readonly limits?: Pick<Destination["limits"], "batchWindowSeconds">;
  readonly eventNames?: Destination["eventNames"];
} & Partial<Pick<Destination, "name" | "consent" | "whenDenied" | "takesPartial" | "needsRawContact">> & {
    readonly qualityReadBack?: unknown;
  };

/** Long enough to fill a batch of a busy lane, short enough for a person who waits to see an event arrive. */
const BATCH_WINDOW_SECONDS = 5;

/** Lanes with their defaults, each checked against the destination that its type names. */
export function resolveLanes(
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
      events: resolveEventRules(lane.events, `${field}.events`, destination, problems),
      customEvents: resolveEventRules(lane.customEvents, `${field}.customEvents`, destination, problems),
      ...resolveLaneConsent({ id, field, destination: declarationOf(destination) }, config, problems),
      testMode: lane.testMode,
      ...(lane.readBackQuality ? { readBackQuality: true as const } : {}),
      batchWindowSeconds: lane.batchWindowSeconds ?? destination?.limits?.batchWindowSeconds ?? BATCH_WINDOW_SECONDS,
      maxConcurrency: lane.maxConcurrency,
    };
  });
}

/** Checks the exceptions from what the lanes' destinations declare, which stand in one list for all lanes. */
export function checkLaneOverrides(
  config: ParsedConfig,
  lanes: readonly ResolvedDestination[],
  destinations: Readonly<Record<string, ConfigurableDestination>>,
  problems: ConfigProblem[],
): void {
  const declared = lanes.map(({ id, type }) => [id, declarationOf(ownOf(destinations, type))] as const);
  checkOverrides(config, Object.fromEntries(declared), problems);
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
