import type { ConsentPurpose, ConsentValue } from "./consent.ts";
import type { ConsentDecider, EffectiveConsent } from "./consent-decision.ts";
import type { CanonicalEvent } from "./event.ts";
import { placesOf } from "./event-places.ts";

/** The consent that decisions went by: every purpose, who decided it, the signal, and where the event may belong to by law. */
export type ConsentSeen = Record<ConsentPurpose, { value: ConsentValue; by: ConsentDecider }> & {
  /** Global Privacy Control, when anything was said of it. */
  gpc?: boolean;
  /** ISO 3166 codes; empty when nothing was known. */
  places: string[];
};

/** What a decision went by, to be kept with it. */
export function seenConsent(event: CanonicalEvent, { purposes }: EffectiveConsent): ConsentSeen {
  const gpc = event.consent?.gpc ?? event.known?.consent?.gpc;
  const told = ({ value, by }: EffectiveConsent["purposes"][ConsentPurpose]) => ({ value, by });
  return {
    ad_storage: told(purposes.ad_storage),
    ad_user_data: told(purposes.ad_user_data),
    ad_personalization: told(purposes.ad_personalization),
    analytics_storage: told(purposes.analytics_storage),
    ...(gpc === undefined ? {} : { gpc }),
    places: [...placesOf(event)],
  };
}
