import { CLICK_IDS } from "./click-ids.ts";
import type { SensitiveKind } from "./sensitive-value.ts";

/** Names of query parameters by which an ad was clicked: their values are opaque, and worth nothing once changed. */
const CLICK_PARAMETERS: ReadonlySet<string> = new Set([
  ...Object.values(CLICK_IDS).flatMap(({ parameters }) => parameters),
  "dclid",
  "gclsrc",
  "gad_source",
  "gad_campaignid",
  "srsltid",
  "yclid",
  "irclickid",
  "cjevent",
  "_gl",
]);

/** True for the parameters that platforms put behind an address to know their click again. */
export function isClickParameter(name: string): boolean {
  return CLICK_PARAMETERS.has(name);
}

/** Campaign parameters are named for what was advertised, never for a person: only their values are looked at. */
const CAMPAIGN = /^(?:utm_|hsa_|mtm_|pk_)/i;

/** Compared without case and signs. The end of a name says what it is: `billing_email`, not `email_campaign`. */
const NAMES: readonly (readonly [SensitiveKind, RegExp])[] = [
  ["email", /mail(?:s|addr(?:ess)?)?$/],
  [
    "password",
    /(?:password|passwd|passphrase|passwort|motdepasse|contrasena)(?:confirm(?:ation)?|repeat|new|old)?$|^(?:pass|pwd|pin|cvv2?|cvc2?|otp)$/,
  ],
  [
    "token",
    /(?:tokens?|jwt|secret|apikey|accesskey|sessionid|session|sessid|authorization|authcode)$|^(?:auth|key|reset|resetkey|magic|magiclink|sso|samlresponse)$/,
  ],
  [
    "card",
    /^(?:cc|pan|card|(?:credit|debit|payment)?card(?:no|nr|num|number)|(?:credit|debit)card|ccnum(?:ber)?|ccno)$/,
  ],
  ["iban", /iban$/],
  ["national_id", /^(?:ssn|socialsecurity(?:no|number)?|nationalid|taxid|personalid|passport(?:no|number|id)?)$/],
  [
    "name",
    /(?:first|last|full|sur|given|family|middle|maiden|user|customer|contact|recipient|billing|shipping|buyer|your)name$|^(?:f|l|vor|nach)name$|^(?:name|prenom|nombre|apellidos?)$/,
  ],
  ["address", /^(?!ip|mac|web|wallet).*addr(?:ess)?(?:line)?\d?$|^(?:street|strasse)(?:address|no|nr|number)?\d?$/],
  ["birth_date", /(?:birthday|birthdate|dateofbirth|geburtsdatum)$|^(?:dob|bday)$/],
];

const PHONE_NAME =
  /phone|(?:^|[^a-z])(?:tel|mobile|cell|gsm|msisdn|whatsapp|telefon|handy)(?:_?(?:no|nr|number))?(?:[^a-z]|$)/i;
/** A phone's model or the answer to "may we call you" has fewer. */
const FEWEST_PHONE_DIGITS = 6;

const known = new Map<string, SensitiveKind | undefined>();
/** Names are chosen by whoever writes an address; those of shops are few, and come again and again. */
const MOST_KNOWN = 500;

/** What a value must be, going by what it is called; `value` is decoded, and not empty. */
export function kindOfNamed(name: string, value: string): SensitiveKind | undefined {
  if (isClickParameter(name) || CAMPAIGN.test(name)) return undefined;
  if (PHONE_NAME.test(name)) return value.replace(/\D/g, "").length >= FEWEST_PHONE_DIGITS ? "phone" : undefined;
  if (known.has(name)) return known.get(name);
  const letters = name.toLowerCase().replace(/[^a-z\d]/g, "");
  // `customer[email]` and `form.password` are called by their last part as well.
  const last =
    /[^[\].:]+(?=[\].:]*$)/
      .exec(name)?.[0]
      .toLowerCase()
      .replace(/[^a-z\d]/g, "") ?? letters;
  const kind = NAMES.find(([, pattern]) => pattern.test(letters) || pattern.test(last))?.[0];
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, kind);
  return kind;
}

const SEARCH = /^(?:q|s|query|keywords?|search(?:_?(?:query|terms?|text|string))?)$/i;

/** True for the parameters in which shops and search engines keep what somebody looked for. */
export function isSearchParameter(name: string): boolean {
  return SEARCH.test(name);
}
