/** Finds what may have several spellings. */
export const BEYOND_ASCII = /[^\0-\x7f]/;

/** The text in composed form (NFC), so that one letter has one spelling. ASCII, which is nearly all of it, needs no work. */
export function composed(text: string): string {
  return BEYOND_ASCII.test(text) ? text.normalize("NFC") : text;
}

/** The text in lower case of any script, composed before and after: a capital may fall apart when it is lowered. */
export function fold(raw: string): string {
  return BEYOND_ASCII.test(raw) ? raw.normalize("NFC").toLowerCase().normalize("NFC") : raw.toLowerCase();
}
