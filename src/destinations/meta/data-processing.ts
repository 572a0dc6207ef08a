import { jurisdictionOf, limitsDataUse } from "../../core/data-use.ts";
import type { CanonicalEvent } from "../../core/event.ts";

/** Meta's numbers of the US states whose law it implements. Others are left to its own geolocation. */
const STATES: Readonly<Record<string, number>> = {
  ca: 1000,
  co: 1001,
  ct: 1002,
  fl: 1003,
  or: 1004,
  tx: 1005,
  mt: 1006,
  de: 1007,
  ne: 1008,
  nh: 1009,
  nj: 1010,
};

const UNITED_STATES = 1;

/** Meta's Limited Data Use: three fields that only mean something together. */
interface DataProcessing {
  data_processing_options: string[];
  data_processing_options_country: number;
  data_processing_options_state: number;
}

/** What keeps an event out of personalised ads: outside of the states that Limited Data Use is for, `opt_out` alone. */
export interface LimitedUse extends Partial<DataProcessing> {
  /** Meta counts the conversion and does not use it to deliver ads. */
  opt_out?: true;
}

/**
 * The fields that ask Meta to limit its use of this event; none when nobody asked for it. Where the state is unknown or
 * has no number, 0 and 0 let Meta decide from the IP address, and `opt_out` limits where that comes to nothing. It goes
 * with a refusal of personalised ads in any state.
 * Source: https://developers.facebook.com/docs/marketing-apis/data-processing-options
 */
export function limitedUse(event: CanonicalEvent, hasAddress: boolean): LimitedUse {
  if (!limitsDataUse(event)) return {};
  const state = STATES[jurisdictionState(event) ?? ""];
  const optOut = refusesPersonalAds(event) || state === undefined ? { opt_out: true as const } : {};
  // Without anything to tell the state by, Meta refuses the request.
  if (state === undefined && !hasAddress) return optOut;
  return {
    data_processing_options: ["LDU"],
    data_processing_options_country: state === undefined ? 0 : UNITED_STATES,
    data_processing_options_state: state ?? 0,
    ...optOut,
  };
}

/**
 * True when Meta is to find the person's state out by itself, for which it insists on the IP address. A refusal of
 * personalised ads has a field that works without.
 */
export function needsAddress(event: CanonicalEvent): boolean {
  if (!limitsDataUse(event) || refusesPersonalAds(event)) return false;
  return STATES[jurisdictionState(event) ?? ""] === undefined;
}

function refusesPersonalAds({ consent }: CanonicalEvent): boolean {
  return consent?.ad_personalization === "denied";
}

function jurisdictionState(event: CanonicalEvent): string | undefined {
  const { country, region } = jurisdictionOf(event);
  return country === "US" ? region?.toLowerCase() : undefined;
}
