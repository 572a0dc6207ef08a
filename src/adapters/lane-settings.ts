import type { ResolvedConfig, ResolvedDestination } from "../config/resolved-config.ts";
import { consentRulesOf } from "../core/consent-firewall.ts";
import type { LaneSettings } from "../pipeline/lane.ts";

/** What one lane needs of the configuration. Throws when it has no such lane. */
export function laneSettings(laneId: string, config: ResolvedConfig): LaneSettings {
  const lane = config.destinations.find((it: ResolvedDestination) => it.id === laneId);
  if (lane === undefined) throw new Error(`the configuration has no destination ${laneId}`);
  return {
    id: lane.id,
    settings: lane.settings,
    secretName: lane.secretName,
    testMode: lane.testMode,
    retryWindowMs: config.delivery.retryWindowMs,
    events: lane.events,
    customEvents: lane.customEvents,
    ...consentRulesOf(lane),
    honourGpc: config.consent.honourGpc,
    ...(config.defaultCountry === undefined ? {} : { defaultCountry: config.defaultCountry }),
  };
}
