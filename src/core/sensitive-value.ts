import { holdsAddress } from "./page-url.ts";

/** What is taken out of texts and addresses, by the name under which it is reported. */
export const SENSITIVE_KINDS = [
  "email",
  "phone",
  "name",
  "address",
  "birth_date",
  "token",
  "password",
  "card",
  "iban",
  "national_id",
] as const;
export type SensitiveKind = (typeof SENSITIVE_KINDS)[number];

/** Stands where something was taken out. */
export const REDACTED = "redacted";

/** What nobody may have, however well they know the person: a leak of it costs money, or an account. */
export const SECRET_KINDS: ReadonlySet<SensitiveKind> = new Set(["password", "card", "iban", "national_id"]);

/**
 * The text without percent-encoding, however often it was applied. For looking only: bytes outside of ASCII come out as
 * other letters, and nothing that is looked for has any.
 */
export function decoded(text: string): string {
  if (!text.includes("%")) return text;
  let plain = text;
  for (let round = 0; round < DECODING_ROUNDS; round += 1) {
    const once = plain
      // `%2525…40` is one sign, however deep it was buried.
      .replace(/%(?:25)+(?=[0-9a-f]{2})/gi, "%")
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (once === plain) break;
    plain = once;
  }
  return plain;
}

/** Each round undoes several levels of encoding; a text that needs more was made to keep us busy. */
const DECODING_ROUNDS = 4;

/** What one value of an address, or one word, is or holds; it must be decoded already. */
export function kindOfValue(value: string, wanted: ReadonlySet<SensitiveKind>): SensitiveKind | undefined {
  return kindOfPlain(value, wanted) ?? kindOfEncoded(value, wanted);
}

function kindOfPlain(value: string, wanted: ReadonlySet<SensitiveKind>): SensitiveKind | undefined {
  if (wanted.has("email") && holdsAddress(value)) return "email";
  if (wanted.has("token") && value.includes("eyJ") && JWT.test(value)) return "token";
  if (!MANY_DIGITS.test(value)) return undefined;
  if (wanted.has("card") && firstMatch(value, DIGITS, holdsCard)) return "card";
  if (wanted.has("iban") && withoutIbans(value) !== value) return "iban";
  if (wanted.has("national_id") && SSN_ONE.test(value)) return "national_id";
  return wanted.has("phone") && firstMatch(value, PHONE, isPhone) ? "phone" : undefined;
}

/** The same inside of a longer text, of which the rest stays. */
export function withoutNumbers(
  text: string,
  wanted: ReadonlySet<SensitiveKind>,
  onFound: (kind: SensitiveKind) => void,
): string {
  if (!MANY_DIGITS.test(text)) return text;
  const cut = (kind: SensitiveKind, input: string, without: (input: string) => string): string => {
    if (!wanted.has(kind)) return input;
    const output = without(input);
    if (output !== input) onFound(kind);
    return output;
  };
  const noIban = cut("iban", text, withoutIbans);
  const noCard = cut("card", noIban, (it) => it.replace(DIGITS, (run) => (holdsCard(run) ? REDACTED : run)));
  const noId = cut("national_id", noCard, (it) => it.replace(SSN, REDACTED));
  return cut("phone", noId, (it) => it.replace(PHONE, (run) => (isPhone(run) ? REDACTED : run)));
}

/** Fewer digits than any of these numbers has; asked first, because few texts have as many. */
const MANY_DIGITS = /(?:\d\D{0,2}){8}/;

/** A JSON Web Token: its header always begins with `{"`, which is `eyJ` in base64. */
const JWT = /(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}/;

/** Digits with what people and forms put between them; a plus is a space in a query. */
const DIGITS = /\d(?:[\s.+_-]{0,2}\d){11,}/g;
const PHONE = /(?<!\w)\+\d[\d\s().-]{6,20}\d(?!\d)/g;
const FEWEST_PHONE_DIGITS = 8;
const MOST_PHONE_DIGITS = 15;

/** A social security number as it is written; without its dashes it is any nine digits. */
const SSN = /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\d-])/g;
const SSN_ONE = new RegExp(SSN.source);

function firstMatch(text: string, pattern: RegExp, matches: (run: string) => boolean): boolean {
  for (const [run] of text.matchAll(pattern)) if (matches(run)) return true;
  return false;
}

function isPhone(run: string): boolean {
  const digits = run.replace(/\D/g, "").length;
  return digits >= FEWEST_PHONE_DIGITS && digits <= MOST_PHONE_DIGITS;
}

/**
 * Lengths and first digits in use: Visa 16 and 19, Mastercard 16, American Express 15, Diners Club 14, and 16 or 19 for
 * the others. Visa's old 13 are left out: a tenth of the European article numbers that begin with a 4 would be one.
 */
const CARD =
  /^(?:4\d{15}(?:\d{3})?|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|(?:35|5[0678]|6\d)\d{14}(?:\d{3})?)$/;
const LONGEST_CARD = 19;

/** True when some of the run's groups of digits, side by side, are a card number: `no. 12 4111 1111 …` is one, too. */
function holdsCard(run: string): boolean {
  const groups = run.split(/\D+/);
  return groups.some((_, start) => {
    let digits = "";
    for (const group of groups.slice(start, start + LONGEST_CARD)) {
      digits += group;
      if (digits.length > LONGEST_CARD) return false;
      if (isCardNumber(digits)) return true;
    }
    return false;
  });
}

/** True for digits with the length, the beginning and the check digit of a payment card. */
export function isCardNumber(digits: string): boolean {
  if (!CARD.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Characters of an IBAN by country (ISO 13616). */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 " +
    "GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 " +
    "MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 VG24 XK20"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);
const IBAN_START = /(?<![a-z\d])[a-z]{2}\d\d(?=[\s+-]?[a-z\d])/gi;

function withoutIbans(text: string): string {
  let clean = "";
  let from = 0;
  for (const { 0: start, index } of text.matchAll(IBAN_START)) {
    const length = IBAN_LENGTHS.get(start.slice(0, 2).toUpperCase());
    const iban = length === undefined || index < from ? undefined : ibanAt(text, index, length);
    if (iban === undefined) continue;
    clean += text.slice(from, index) + REDACTED;
    from = index + iban.length;
  }
  return clean + text.slice(from);
}

/** So many letters and digits from here on, as they are written, when their check digits are right. */
function ibanAt(text: string, index: number, length: number): string | undefined {
  // Groups of four with a sign between them: a quarter more, and some for carelessness.
  const written = new RegExp(`^(?:[a-z\\d][\\s+-]?){${length - 1}}[a-z\\d](?![a-z\\d])`, "i").exec(
    text.slice(index, index + 2 * length),
  )?.[0];
  if (written === undefined) return undefined;
  const compact = written.replace(/[\s+-]/g, "").toUpperCase();
  let remainder = 0;
  for (const letter of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1 ? written : undefined;
}

/** Every fourth letter of ASCII in base64 is one of the first 32, and few words are so: the others are not decoded. */
const BASE64 = /^(?:[A-Za-f][\w+/-]{3}){2,256}(?:[A-Za-f][\w+/-]{1,2})?={0,2}$/;
const HEX = /^(?:[2-7][\da-f]){6,512}$/i;
const ENCODED = [
  [BASE64, "base64"],
  [HEX, "hex"],
] as const;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** What somebody put into base64, base64url or hex, as newsletters do with addresses in their links; alone or in JSON. */
function kindOfEncoded(text: string, wanted: ReadonlySet<SensitiveKind>): SensitiveKind | undefined {
  for (const [pattern, encoding] of ENCODED) {
    if (!pattern.test(text)) continue;
    const plain = Buffer.from(text, encoding).toString("latin1");
    const kind = PRINTABLE.test(plain) ? kindOfPlain(decoded(plain), wanted) : undefined;
    if (kind !== undefined) return kind;
  }
  return undefined;
}
