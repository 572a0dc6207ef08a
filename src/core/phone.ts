import parsePhoneNumber, { type CountryCode, type PhoneNumber } from "libphonenumber-js/core";
import { PHONE_METADATA } from "./phone-metadata.ts";

/**
 * Phone numbers as E.164 (`+` and digits), parsed with country metadata. Stripping non-digits alone is wrong:
 * `+49 (0)30 901820` would become a number that nobody has. Only enrich uses this file: parser and metadata weigh
 * twice what a delivery λ needs in all.
 */

export type ParsedPhone = { readonly e164: string } | { readonly problem: string };

/**
 * Reads a number, national ones in `country` (ISO 3166-1 alpha-2). A number must have a possible length for its
 * country; number ranges are not checked, because carriers open new ones faster than metadata is updated.
 */
export function parsePhone(raw: string, country?: string): ParsedPhone {
  const text = raw.normalize("NFKC").trim();
  if (!/\p{Nd}/u.test(text)) return { problem: "has no digits" };
  const isKnown = country !== undefined && Object.hasOwn(PHONE_METADATA.countries, country);
  const region = isKnown ? (country as CountryCode) : undefined;
  const number = possible(text, region) ?? possible(withPlus(text), region);
  if (number !== undefined) return { e164: number.number };
  if (region === undefined && !/^(\+|00)/.test(text)) {
    return {
      problem: "is a national number, and neither the event's country nor defaultCountry says of which country",
    };
  }
  return { problem: `is not a possible number${region === undefined ? "" : ` in ${region} or abroad`}` };
}

function possible(text: string, region: CountryCode | undefined): PhoneNumber | undefined {
  const number = parsePhoneNumber(text, region === undefined ? {} : { defaultCountry: region }, PHONE_METADATA);
  return number?.isPossible() ? number : undefined;
}

/** `0044...` as `+44...`: 00 is the international prefix that the ITU recommends, and begins no national number. */
function withPlus(text: string): string {
  return text.replace(/^00/, "+");
}
