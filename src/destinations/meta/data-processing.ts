import type { CanonicalEvent } from "../../core/event.ts";
import { regionCode } from "../../core/regions.ts";

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
export interface DataProcessing {
  data_processing_options: string[];
  data_processing_options_country: number;
  data_processing_options_state: number;
}

/**
 * The fields that ask Meta to limit its use of this event; nothing when consent does not ask for it. Where the state
 * is unknown or has no number, 0 and 0 let Meta decide from the IP address.
 * Source: https://developers.facebook.com/docs/marketing-apis/data-processing-options
 */
export function dataProcessing(event: CanonicalEvent): DataProcessing | undefined {
  if (event.consent?.limited_data_use !== true) return undefined;
  const state = STATES[jurisdictionState(event) ?? ""];
  return {
    data_processing_options: ["LDU"],
    data_processing_options_country: state === undefined ? 0 : UNITED_STATES,
    data_processing_options_state: state ?? 0,
  };
}

/** True when Meta is to find the person's state out by itself, for which it insists on the IP address. */
export function needsAddress(event: CanonicalEvent): boolean {
  return dataProcessing(event)?.data_processing_options_country === 0;
}

function jurisdictionState({ consent, user }: CanonicalEvent): string | undefined {
  if (consent?.jurisdiction !== undefined) return /^US-([A-Z]{2})$/i.exec(consent.jurisdiction)?.[1]?.toLowerCase();
  return user.country === "US" && user.region !== undefined ? regionCode(user.region, "US") : undefined;
}
