import { CONSENT_PURPOSES, type ConsentPurpose } from "../core/consent.ts";
import { CLOUDFRONT_HEADERS, type GeoHeaders } from "../core/geo-headers.ts";
import { present } from "../core/present.ts";
import type { ParsedConfig } from "./config-schema.ts";
import { expandCountries } from "./countries.ts";
import type { ResolvedConsent } from "./resolved-config.ts";

/** What holds for all lanes: the meaning of silence by country, whose signals bind, and who says where a visitor is. */
export function resolveConsent(consent: ParsedConfig["consent"]): ResolvedConsent {
  return {
    defaults: consent.defaults.map(({ because, countries, name, purposes }) => ({
      countries: expandCountries(countries),
      purposes: typeof purposes === "string" ? everyPurpose(purposes) : purposes,
      ...present({ name, because }),
    })),
    ...(consent.geoHeaders === undefined ? {} : { geoHeaders: resolveGeoHeaders(consent.geoHeaders) }),
    honourGpc: consent.honourGpc,
    categories: consent.categories,
  };
}

/** Requests have the names of headers in lower case. */
function resolveGeoHeaders(given: NonNullable<ParsedConfig["consent"]["geoHeaders"]>): GeoHeaders {
  if (given === "cloudfront") return CLOUDFRONT_HEADERS;
  const { address, country, region } = given;
  return present({
    country: country.toLowerCase(),
    region: region?.toLowerCase(),
    address: address?.toLowerCase(),
  });
}

function everyPurpose<Value>(value: Value): Record<ConsentPurpose, Value> {
  return Object.fromEntries(CONSENT_PURPOSES.map((purpose) => [purpose, value])) as Record<ConsentPurpose, Value>;
}
