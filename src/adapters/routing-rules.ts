import type { ResolvedConfig } from "../config/resolved-config.ts";
import type { Destination } from "../core/destination.ts";
import type { Lane, RoutingRules } from "../core/routing.ts";

/** Declarations by type: at least those that the configuration names. */
export type Destinations = Readonly<Record<string, Destination>>;

/** What routing needs of the configuration. Throws for a lane whose destination type this build does not have. */
export function routingRules(config: ResolvedConfig, destinations: Destinations): RoutingRules {
  const lanes = config.destinations.map(({ id, type, settings, events, customEvents, consent, testMode }): Lane => {
    const destination = destinations[type];
    if (destination === undefined) throw new Error(`destination ${id} has the unknown type ${type}`);
    const required = consent === undefined ? {} : { consent };
    return { id, destination, settings, events, customEvents, testMode, ...required };
  });
  const country = config.defaultCountry === undefined ? {} : { defaultCountry: config.defaultCountry };
  return { lanes, consent: config.consent, ...country };
}
