import { readCountry } from "./country.ts";
import type { Visitor } from "./event-context.ts";
import { publicIp } from "./ip-address.ts";
import { present } from "./present.ts";

/**
 * Headers in which a proxy in front of ingest says where a visitor is, in lower case. They are believed: a deployment that
 * can be reached past the proxy believes whoever reaches it.
 */
export interface GeoHeaders {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** The part of ISO 3166-2 behind the country. */
  readonly region?: string;
  /** The visitor's own address: behind a proxy, the connection's is the proxy's. */
  readonly address?: string;
}

/**
 * CloudFront's, which it sends where the distribution's origin request policy names them.
 * Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
 */
export const CLOUDFRONT_HEADERS = {
  country: "cloudfront-viewer-country",
  region: "cloudfront-viewer-country-region",
  address: "cloudfront-viewer-address",
} as const satisfies GeoHeaders;

/** What the headers of one request say; a value that is no country, region or public address is as good as absent. */
export function readGeoHeaders(
  headers: Readonly<Record<string, string | undefined>>,
  names: GeoHeaders,
): Pick<Visitor, "location"> & { readonly ip?: string } {
  const given = (name: string | undefined) => (name === undefined ? undefined : headers[name]?.trim());
  const code = given(names.country);
  // Two letters only: proxies write codes, and some have codes of their own for Tor and for "not known".
  const country = code !== undefined && /^[A-Za-z]{2}$/.test(code) ? readCountry(code) : undefined;
  const region = given(names.region)?.toUpperCase();
  const isRegion = region !== undefined && /^[A-Z0-9]{1,3}$/.test(region);
  const address = given(names.address);
  return present({
    location: country === undefined ? undefined : { country, ...(isRegion ? { region } : {}) },
    ip: publicIp(names.address === CLOUDFRONT_HEADERS.address ? withoutPort(address) : address),
  });
}

/** CloudFront puts the port behind the address, also behind one of IPv6, which it does not bracket. */
function withoutPort(address: string | undefined): string | undefined {
  return address?.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
