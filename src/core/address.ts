import { composed } from "./fold.ts";

/**
 * Address normalisation by platform rule. Regions are in `regions.ts`; cities under Meta's rule (`lettersOnly`) and the
 * places of TikTok and Amazon (`foldedAlphanumeric`) in `person-name.ts`.
 */

/**
 * Postal code in lower case without spaces and dashes; the first five digits of a US one. Without a country, five
 * digits, a dash and four digits are taken for a US ZIP+4: no other country writes codes that way.
 */
export function postalCode(raw: string, country?: string): string {
  const text = composed(raw).trim();
  const zip = /^(\d{5})[-\s]?\d{4}$/.exec(text)?.[1];
  if (zip !== undefined && (country === "US" || (country === undefined && text.includes("-")))) return zip;
  return composed(text.toLowerCase().replace(/[\s\p{Pd}]/gu, ""));
}

/**
 * The same without the country that some write in front (`CH-8001`, `LV-1010`). Pinterest's rule is "digits only", which
 * this gives wherever codes are digits; of `NE1 4ST` the digits alone would be no code, so letters inside stay.
 * Source: https://developers.pinterest.com/docs/api/v5/events-create
 */
export function domesticPostalCode(raw: string, country?: string): string {
  return postalCode(raw.trim().replace(COUNTRY_PREFIX, ""), country);
}

const COUNTRY_PREFIX = /^[a-z]{1,2}\s*-\s*(?=\d)/i;

/**
 * Google Ads' rule for postal codes, which leave in clear: trimmed, of a US one the five digits without the four that
 * may follow, elsewhere as people write it. Undefined for what is no code, since Google refuses the whole request over one.
 * Source: https://developers.google.com/data-manager/api/devguides/concepts/formatting
 */
export function googleAdsPostalCode(raw: string, country?: string): string | undefined {
  const text = raw.normalize("NFC").trim().replace(COUNTRY_PREFIX, "").replace(/\s+/g, " ");
  if (country === "US") return /^(\d{5})(?:[- ]?\d{4})?$/.exec(text)?.[1];
  return /^(?=.*\d)[A-Z0-9][A-Z0-9 -]{0,9}[A-Z0-9]$/i.test(text) ? text : undefined;
}

/** ISO 3166-1 alpha-2 in lower case; anything else is no country code. */
export function countryCode(raw: string): string | undefined {
  const code = raw.trim().toLowerCase();
  return /^[a-z]{2}$/.test(code) ? code : undefined;
}

/** Google Analytics' rule for streets: lower case, symbols removed, words kept apart. */
export function googleStreet(raw: string): string {
  return words(raw, /[^\p{L}\p{M}\p{N}\s]/gu);
}

/** Google Analytics' rule for cities and regions: lower case, digits and symbols removed, words kept apart. */
export function googlePlace(raw: string): string {
  return words(raw, /[^\p{L}\p{M}\s]/gu);
}

function words(raw: string, dropped: RegExp): string {
  const kept = raw.normalize("NFC").toLowerCase().normalize("NFC").replace(dropped, "");
  return kept.replace(/\s+/g, " ").trim().normalize("NFC");
}
