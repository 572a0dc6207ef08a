import { BEYOND_ASCII, composed, fold } from "./fold.ts";

/** Name normalisation by platform rule, before hashing. */

/**
 * Meta's rule, shared by Snapchat and TikTok: lower case, letters and digits of any script, nothing else. Whether
 * spaces inside a name go is documented nowhere; Meta's own parameter builder drops them, and so do we.
 * Source: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
 */
export function lettersOnly(raw: string): string {
  const folded = fold(raw);
  return PLAIN.test(folded) ? folded : composed(folded.replace(NO_LETTER, ""));
}

/** What most names are already: asking is a tenth of the work of taking nothing out. */
const PLAIN = /^[a-z0-9]*$/;
const NO_LETTER = /[^\p{L}\p{M}\p{N}]/gu;

/**
 * Trimmed and lower case, everything else kept: Pinterest's names, where nothing says that punctuation goes, and all of
 * Nextdoor's fields.
 */
export function trimmedLower(raw: string): string {
  return fold(raw).trim();
}

/**
 * OpenAI's rule for names: lower case of any script, without white space and ASCII punctuation. Accents stay, and so
 * does punctuation beyond ASCII.
 * Source: https://developers.openai.com/ads/conversions-api
 */
export function withoutAsciiPunctuation(raw: string): string {
  return without(/[\s!-/:-@[-`{-~]/g, raw);
}

/** Letters that no accent is taken off of, as they are written where only a to z can be. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  ħ: "h",
  ŋ: "n",
};

/**
 * Amazon's rule for names and addresses and TikTok's for city, state and country, which it takes in clear: lower case
 * a to z and digits, nothing else. Accents are taken off first: both rules would drop the whole letter, and `mnchen` is
 * no city. Undefined where letters of another script would be lost, since what remains of the name is another one.
 */
export function foldedAlphanumeric(raw: string): string | undefined {
  const folded = fold(raw);
  const kept = (BEYOND_ASCII.test(folded) ? plainLetters(folded) : folded).replace(/[^\p{L}\p{N}]/gu, "");
  return kept !== "" && PLAIN.test(kept) ? kept : undefined;
}

function plainLetters(folded: string): string {
  const bare = folded.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  return bare.replace(/[^\0-\x7f]/gu, (letter) => PLAIN_LETTERS[letter] ?? letter);
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

// What the dropped characters kept apart may compose: normalising again must change nothing.
function without(dropped: RegExp, raw: string): string {
  return composed(fold(raw).replace(dropped, ""));
}
