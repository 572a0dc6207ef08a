import type { ResolvedConfig } from "../config/resolved-config.ts";
import { consentRulesOf } from "../core/consent-firewall.ts";
import type { Destination } from "../core/destination.ts";
import { createHealthScreen, type HealthScreen } from "../core/health-terms.ts";
import type { Lane, RoutingRules } from "../core/routing.ts";

/** Declarations by type: at least those that the configuration names. */
export type Destinations = Readonly<Record<string, Destination>>;

/** What routing needs of the configuration. Throws for a lane whose destination type this build does not have. */
export function routingRules(config: ResolvedConfig, destinations: Destinations): RoutingRules {
  const screen = healthScreen(config);
  const lanes = config.destinations.map((resolved): Lane => {
    const { id, type, settings, events, customEvents, testMode } = resolved;
    const destination = destinations[type];
    if (destination === undefined) throw new Error(`destination ${id} has the unknown type ${type}`);
    const health = destination.firstParty === true || screen === undefined ? {} : { health: screen };
    return { id, destination, settings, events, customEvents, testMode, ...consentRulesOf(resolved), ...health };
  });
  const country = config.defaultCountry === undefined ? {} : { defaultCountry: config.defaultCountry };
  const sensitive = config.sensitiveData === undefined ? {} : { sensitiveData: config.sensitiveData };
  return { lanes, consent: config.consent, ...country, ...sensitive };
}

/** What lanes of platforms go by that may learn nothing of people's health; undefined while nobody asked for it. */
export function healthScreen({ sensitiveData }: Pick<ResolvedConfig, "sensitiveData">): HealthScreen | undefined {
  if (sensitiveData === undefined || sensitiveData.healthTerms === "off") return undefined;
  const drops = sensitiveData.healthTerms === "drop_event" ? "event" : "field";
  return createHealthScreen(drops, sensitiveData.moreHealthTerms);
}
