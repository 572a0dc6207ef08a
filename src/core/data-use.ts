import type { CanonicalEvent } from "./event.ts";
import { regionCode } from "./regions.ts";

/**
 * True when the person asked that platforms limit what they do with this event: outright, by Global Privacy Control, or
 * by refusing personalised ads. Refusing storage or the sending of user data is not here: then nothing is sent.
 */
export function limitsDataUse({ consent }: Pick<CanonicalEvent, "consent">): boolean {
  return consent?.limited_data_use === true || consent?.gpc === true || consent?.ad_personalization === "denied";
}

/** Whose law applies: ISO 3166-1 alpha-2, and within it the ISO 3166-2 code without the country (`CA`). Upper case. */
export interface Jurisdiction {
  readonly country?: string;
  readonly region?: string;
}

/**
 * The country that the sender named as the law, else where the person lives, else where their connection came from. Of an
 * address, regions of the United States and Canada only. `EU` is a law and no country that a platform would know.
 */
export function jurisdictionOf({
  consent,
  location,
  user,
}: Pick<CanonicalEvent, "consent" | "location" | "user">): Jurisdiction {
  const [named, namedRegion] = consent?.jurisdiction?.toUpperCase().split("-") ?? [];
  if (named !== undefined && named !== "EU") return placed(named === "UK" ? "GB" : named, namedRegion);
  const country = user.country?.toUpperCase();
  if (country === undefined) return location === undefined ? {} : placed(location.country, location.region);
  const hasCodes = country === "US" || country === "CA";
  return placed(country, hasCodes && user.region !== undefined ? regionCode(user.region, country) : undefined);
}

// A region that is no code after all, such as a misspelt state, says less than none.
function placed(country: string, region: string | undefined): Jurisdiction {
  const code = region?.toUpperCase();
  return code !== undefined && /^[A-Z0-9]{1,3}$/.test(code) ? { country, region: code } : { country };
}
