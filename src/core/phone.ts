import parsePhoneNumber, { type CountryCode, type PhoneNumber } from "libphonenumber-js/core";
import { PHONE_METADATA } from "./phone-metadata.ts";

/**
 * Phone numbers as E.164 (`+` and digits), parsed with country metadata. Stripping non-digits alone is wrong:
 * `+49 (0)30 901820` would become a number that nobody has. Only enrich uses this file: parser and metadata weigh
 * twice what a delivery λ needs in all.
 */

/** The number, or why there is none, in words that do not hold it. */
export type ParsedPhone = { readonly e164: string } | { readonly problem: string };

/**
 * Digits of a whole national number where people write it without a trunk prefix and it may begin like the country's
 * own calling code. So many digits are a national number; only more can begin with the calling code.
 */
const NATIONAL_DIGITS: Readonly<Record<string, number>> = { BR: 11, CU: 8, IT: 10, PL: 9, VA: 10 };

/**
 * A whole North American number. The library's answer is the same, after it has looked through the 25 countries that
 * share the calling code for the one whose number it is, which nobody asks for here: half of the cost of an event.
 */
const NORTH_AMERICAN = /^\s*(\+1)[-. ]?\(?([2-9]\d{2})\)?[-. ]{0,2}(\d{3})[-. ]?(\d{4})\s*$/;

/**
 * Reads a number, national ones in `country` (ISO 3166-1 alpha-2). A number must have a possible length for its
 * country; number ranges are not checked, because carriers open new ones faster than metadata is updated.
 */
export function parsePhone(raw: string, country?: string): ParsedPhone {
  const northAmerican = NORTH_AMERICAN.exec(raw);
  if (northAmerican !== null) return { e164: northAmerican.slice(1).join("") };
  const text = raw.normalize("NFKC").trim();
  if (!/\p{Nd}/u.test(text)) return { problem: "has no digits" };
  const isKnown = country !== undefined && Object.hasOwn(PHONE_METADATA.countries, country);
  const region = isKnown ? (country as CountryCode) : undefined;
  const number = parse(withoutMexicanOne(text, region), region);
  if (number !== undefined) return { e164: number.number };
  if (region === undefined && !/^(\+|00)/.test(text)) {
    return {
      problem: "is a national number, and neither the event's country nor defaultCountry says of which country",
    };
  }
  return { problem: `is not a possible number${region === undefined ? "" : ` in ${region} or abroad`}` };
}

function parse(text: string, region: CountryCode | undefined): PhoneNumber | undefined {
  return withoutPlus(text, region) ?? possible(text, region) ?? possible(withPlus(text), region);
}

/**
 * An international number whose plus was left out, as databases and forms keep it. The library takes it for a national
 * one where national numbers may be as long: `4917612345678` would become `+494917612345678`. Numbers under a trunk
 * prefix are not meant: no calling code begins with 0, and where the prefix is the calling code both readings agree.
 */
function withoutPlus(text: string, region: CountryCode | undefined): PhoneNumber | undefined {
  const digits = text.replace(/[\s().\u2010-\u2015/-]/g, "");
  if (region === undefined || !/^\d+$/.test(digits)) return undefined;
  // A numbering plan begins with its calling code. The bundles hold the library's parser only, not its look-ups.
  const callingCode: string | undefined = PHONE_METADATA.countries[region]?.[0];
  if (callingCode === undefined || !digits.startsWith(callingCode)) return undefined;
  if (digits.length <= (NATIONAL_DIGITS[region] ?? 0)) return undefined;
  const number = possible(`+${text}`, region);
  return number?.isValid() ? number : undefined;
}

// Since 2019 no Mexican number has the 1 that once told mobile phones apart; databases are full of it.
function withoutMexicanOne(text: string, region: CountryCode | undefined): string {
  const digits = text.replace(/[^\d+]/g, "");
  const isMexican = /^(?:\+|00)521\d{10}$/.test(digits) || (region === "MX" && /^521\d{10}$/.test(digits));
  return isMexican ? `+52${digits.slice(-10)}` : text;
}

function possible(text: string, region: CountryCode | undefined): PhoneNumber | undefined {
  const number = parsePhoneNumber(text, region === undefined ? {} : { defaultCountry: region }, PHONE_METADATA);
  return number?.isPossible() ? number : undefined;
}

/** `0044...` as `+44...`: 00 is the international prefix that the ITU recommends, and begins no national number. */
function withPlus(text: string): string {
  return text.replace(/^00/, "+");
}
