/**
 * A text as it may leave in clear: e-mail addresses, which forms and newsletters put into paths, queries and search
 * fields, phone numbers in queries, and international ones in URLs or by themselves are replaced. Platforms forbid them
 * there, and some switch off accounts that send them.
 */
export function withoutAddresses(text: string): string {
  if (!MAY_HOLD_CONTACT.test(text)) return text;
  if (INTERNATIONAL_PHONE.test(text)) return "redacted";
  // By part, so that the time stays linear in the length of whatever a sender calls an address.
  return withoutPhones(text).replace(/[^\s/?&=#;]+/g, (part) => (isAddress(part) ? "redacted" : part));
}

/** The same of a text that may be missing; undefined when it says nothing. */
export function textInClear(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : withoutAddresses(text);
}

/** Cheap to ask, and false of nearly every text: an `@`, encoded or not, a plus first, or a parameter called like a phone. */
const MAY_HOLD_CONTACT = /^\s*\+|\/\+|%(?:25)*2b|@|%(?:25)*40|phone|tel|mobile|cell|gsm|msisdn|whatsapp/i;

/** True when some part of the text has the shape of an e-mail address, encoded or not. */
export function holdsAddress(text: string): boolean {
  // Nearly every id has neither sign, and is not taken apart.
  return /[@%]/.test(text) && text.split(/[\s/?&=#;]+/).some(isAddress);
}

/** True when the text holds an e-mail address or is an international phone number: then it is no name, token or code. */
export function holdsContact(text: string): boolean {
  return holdsAddress(text) || INTERNATIONAL_PHONE.test(text);
}

const INTERNATIONAL_PHONE = /^\s*\+[\d ().-]{7,20}\s*$/;

/** The address when it is one of the web, else undefined: apps, files and paths are no pages to an ad platform. */
export function webUrl(url: string | undefined): string | undefined {
  const text = url?.trim() ?? "";
  const scheme = /^https?(?=:\/\/)/i.exec(text)?.[0];
  if (scheme === undefined || !URL.canParse(text)) return undefined;
  return scheme === "https" ? text : scheme.toLowerCase() + text.slice(scheme.length);
}

// Something before the `@`, a dot after it: `/@brand` is none. The `@` may be encoded once, or again with the address of
// a page that is itself a parameter (%2540).
function isAddress(part: string): boolean {
  const at = /.(?:@|%(?:25)*40)/s.exec(part);
  return at !== null && /\.|%(?:25)*2e/i.test(part.slice(at.index + at[0].length));
}

function withoutPhones(text: string): string {
  return text
    .replace(PHONE_IN_URL, "redacted")
    .replace(/([?&#;][^\s?&=#;/]*=)([^\s&#;]*)/g, (all: string, name: string, value: string) =>
      PHONE_PARAMETER.test(name) && digitsIn(value) >= FEWEST_PHONE_DIGITS ? `${name}redacted` : all,
    );
}

/** In a query a bare plus is a space, so that only an encoded one begins a number there. */
const PHONE_IN_URL = /(?:%(?:25)*2b|(?<=\/)\+)\d{7,15}(?!\d)/gi;
const PHONE_PARAMETER = /phone|[^a-z](?:tel|mobile|cell|gsm|msisdn|whatsapp)(?:_?(?:no|nr|number))?[^a-z]/i;
const FEWEST_PHONE_DIGITS = 6;

function digitsIn(value: string): number {
  return value.replace(/%[0-9a-f]{2}/gi, "").replace(/\D/g, "").length;
}
