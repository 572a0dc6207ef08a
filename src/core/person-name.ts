/** Name normalisation by platform rule, before hashing. */

/**
 * Meta's rule, shared by Snapchat and TikTok: lower case, letters and digits of any script, nothing else. Whether
 * spaces inside a name go is documented nowhere; Meta's own parameter builder drops them, and so do we.
 * Source: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
 */
export function lettersOnly(raw: string): string {
  return fold(raw).replace(/[^\p{L}\p{M}\p{N}]/gu, "");
}

const TITLE = /^(?:mr|mrs|ms|dr)\.?\s+/;
const SUFFIX = /[\s,]+(?:jr|sr|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd)\.?$/;

/**
 * Google's rule for given names: trimmed, lower case, without a title in front. Punctuation stays.
 * Source: https://developers.google.com/data-manager/api/devguides/concepts/formatting
 */
export function googleFirstName(raw: string): string {
  return repeat(fold(raw).trim(), (name) => name.replace(TITLE, "").trim());
}

/** Google's rule for family names: trimmed, lower case, without generation and degree suffixes. Punctuation stays. */
export function googleLastName(raw: string): string {
  return repeat(fold(raw).trim(), (name) => name.replace(SUFFIX, "").trim());
}

function fold(raw: string): string {
  return raw.normalize("NFC").toLowerCase().normalize("NFC");
}

/** Applies until nothing changes, so that normalising twice gives the same: "Mr. Dr. X" loses both titles at once. */
function repeat(text: string, step: (text: string) => string): string {
  let before = text;
  let after = step(before);
  while (after !== before) {
    before = after;
    after = step(before);
  }
  return after;
}
