import { hash } from "node:crypto";
import { emailAmazon, emailGoogle, emailMicrosoft, emailPlain, emailReddit } from "./email.ts";
import { type CanonicalEvent, HASH_VARIANTS, type HashVariant, type User } from "./event.ts";

/** SHA-256 of the UTF-8 text as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  // One call, three times as fast as a hash object for texts of this length.
  return hash("sha256", text, "hex");
}

/** The digest in lower case when `value` already is one, else undefined: a digest is passed on, never hashed again. */
export function preHashed(value: string | undefined): string | undefined {
  const digest = value?.trim();
  return digest?.length === 64 && /^[0-9a-f]{64}$/i.test(digest) ? digest.toLowerCase() : undefined;
}

/** What a sender gives who hashes before looking whether there is anything; it is the same for everybody. */
const DIGEST_OF_NOTHING = sha256Hex("");

function ofSomething(digest: string | undefined): string | undefined {
  return digest === DIGEST_OF_NOTHING ? undefined : digest;
}

/**
 * How each hash variant is made from its raw field. The phone rules take E.164 and only drop the plus: parsing needs
 * country metadata that does not belong in every bundle (see `phone.ts`). OpenAI strips the plus, punctuation and leading
 * zeros from what it is given; of a number in E.164 that leaves `phone_digits`.
 */
export const HASH_VARIANT_RULES: Readonly<Record<HashVariant, (raw: string) => string | undefined>> = {
  email_plain: emailPlain,
  email_google: emailGoogle,
  email_microsoft: emailMicrosoft,
  email_reddit: emailReddit,
  email_amazon: emailAmazon,
  phone_e164: (e164) => (/^\+\d+$/.test(e164) ? e164 : undefined),
  phone_digits: (e164) => (/^\+\d+$/.test(e164) ? e164.slice(1) : undefined),
};

/** What a person is written to or called by, in the order in which stories name them. */
export const CONTACTS = ["email", "phone"] as const;
export type Contact = (typeof CONTACTS)[number];

/** Which contact a variant is a hash of. */
export function contactOf(variant: HashVariant): Contact {
  return variant.startsWith("email_") ? "email" : "phone";
}

const VARIANTS: Readonly<Record<Contact, readonly HashVariant[]>> = {
  email: HASH_VARIANTS.filter((variant) => contactOf(variant) === "email"),
  phone: HASH_VARIANTS.filter((variant) => contactOf(variant) === "phone"),
};

/** The variants that one contact has. One person's are made from one address and must not be mixed with another's. */
export function variantsOf(contact: Contact): readonly HashVariant[] {
  return VARIANTS[contact];
}

/** Rules under which two addresses never become one. Microsoft's joins `a.b@` and `ab@`, which may be two people. */
export const EXACT_VARIANTS: Readonly<Record<Contact, readonly [HashVariant, ...HashVariant[]]>> = {
  email: ["email_plain"],
  phone: ["phone_e164", "phone_digits"],
};

/**
 * Normalises with `rule` and hashes. Nothing is left of the value: undefined, since the hash of an empty string
 * matches every other empty string. A value that is a digest already is passed through, unless it is that of nothing.
 */
export function hashWith(rule: (raw: string) => string | undefined, raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined;
  const digest = preHashed(raw);
  if (digest !== undefined) return ofSomething(digest);
  const normalised = rule(raw);
  return normalised === undefined || normalised === "" ? undefined : sha256Hex(normalised);
}

/**
 * The hash of the person's e-mail or phone under the platform's rule: the event's own, else the one that the identity
 * graph knows, else the sender's own digest, whose rule is unknown and which therefore comes last.
 */
export function hashVariant(event: CanonicalEvent, variant: HashVariant): string | undefined {
  const own = event.hashes?.[variant] ?? event.known?.hashes?.[variant];
  return own ?? sentDigest(event.user, contactOf(variant));
}

/**
 * The digest that the sender made of a contact, from its own field or from the raw one; undefined when there is none.
 * It is passed on as it is, under a rule that nobody told us.
 */
export function sentDigest(user: User, contact: Contact): string | undefined {
  return ofSomething(preHashed(user[`${contact}_sha256`])) ?? ofSomething(preHashed(user[contact]));
}
