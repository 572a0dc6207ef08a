import { jurisdictionOf } from "../../core/data-use.ts";
import type { CanonicalEvent } from "../../core/event.ts";

/** The state whose law limits the use of an event, as far as it is known; two-letter codes in upper case. */
export interface LimitedBy {
  readonly country?: string;
  readonly region?: string;
}

/**
 * Whose law limits the use of this event, or undefined when nobody asked for limits. Pinterest then gets the flag `LDP`
 * (limited data processing), and the state and country that it picks the law by.
 * Source: https://developers.pinterest.com/docs/track-conversions/use-limited-data-processing-flag
 */
export function limitedBy(event: CanonicalEvent): LimitedBy | undefined {
  const { consent } = event;
  if (consent?.limited_data_use !== true && consent?.gpc !== true) return undefined;
  const { country, region } = jurisdictionOf(event);
  const isState = region !== undefined && /^[A-Z]{2}$/.test(region);
  return { ...(country === undefined ? {} : { country }), ...(isState ? { region } : {}) };
}

/**
 * Pinterest's `opt_out`: the person opted out of tracking, in an app by limiting ads on the device. It also stands in
 * where limits are asked for and no law can be picked: without a state the flag may come to nothing.
 */
export function optsOut({ action_source: action, consent, device }: CanonicalEvent, limits?: LimitedBy): boolean {
  const isLawless = limits !== undefined && (limits.country === undefined || limits.region === undefined);
  const limitsAds = action === "app" && device?.advertising_tracking_allowed === false;
  return consent?.ad_personalization === "denied" || limitsAds || isLawless;
}
