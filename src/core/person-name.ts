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
const SUFFIXES = new Set("jr sr 2nd 3rd ii iii iv v vi cpa dc dds vm jd md phd".split(" "));
const SEPARATOR = /[\s,]/;

/**
 * Google's rule for given names: trimmed, lower case, without titles in front. Punctuation stays.
 * Source: https://developers.google.com/data-manager/api/devguides/concepts/formatting
 */
export function googleFirstName(raw: string): string {
  let name = fold(raw).trim();
  // "Dr. Mr. X" loses both, so that normalising twice gives the same.
  while (TITLE.test(name)) name = name.replace(TITLE, "");
  return name;
}

/** Google's rule for family names: trimmed, lower case, without generation and degree suffixes. Punctuation stays. */
export function googleLastName(raw: string): string {
  const name = fold(raw).trim();
  // From the end, word by word: an expression for "separators, suffix, end" takes quadratic time on many separators.
  let end = name.length;
  for (;;) {
    let start = end;
    while (start > 0 && !SEPARATOR.test(name.charAt(start - 1))) start -= 1;
    if (start === 0 || !SUFFIXES.has(name.slice(start, end).replace(/\.$/, ""))) return name.slice(0, end);
    end = start;
    while (end > 0 && SEPARATOR.test(name.charAt(end - 1))) end -= 1;
  }
}

function fold(raw: string): string {
  return raw.normalize("NFC").toLowerCase().normalize("NFC");
}
