import { createHash } from "node:crypto";
import { emailGoogle, emailPlain } from "./email.ts";
import type { CanonicalEvent, HashVariant } from "./event.ts";

/** SHA-256 of the UTF-8 text as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The digest in lower case when `value` already is one, else undefined: a digest is passed on, never hashed again. */
export function preHashed(value: string | undefined): string | undefined {
  const digest = value?.trim();
  return digest !== undefined && /^[0-9a-f]{64}$/i.test(digest) ? digest.toLowerCase() : undefined;
}

/**
 * How each hash variant is made from its raw field. The phone rules take E.164 and only drop the plus: parsing needs
 * country metadata that does not belong in every bundle (see `phone.ts`).
 */
export const HASH_VARIANT_RULES: Readonly<Record<HashVariant, (raw: string) => string | undefined>> = {
  email_plain: emailPlain,
  email_google: emailGoogle,
  phone_e164: (e164) => (/^\+\d+$/.test(e164) ? e164 : undefined),
  phone_digits: (e164) => (/^\+\d+$/.test(e164) ? e164.slice(1) : undefined),
};

/**
 * Normalises with `rule` and hashes. Nothing is left of the value: undefined, since the hash of an empty string
 * matches every other empty string. A value that is a digest already is passed through.
 */
export function hashWith(rule: (raw: string) => string | undefined, raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined;
  const digest = preHashed(raw);
  if (digest !== undefined) return digest;
  const normalised = rule(raw);
  return normalised === undefined || normalised === "" ? undefined : sha256Hex(normalised);
}

/**
 * The hash of the person's e-mail or phone under the platform's rule: the event's own, else the one that the identity
 * graph knows, else the sender's own digest, whose rule is unknown and which therefore comes last.
 */
export function hashVariant(event: CanonicalEvent, variant: HashVariant): string | undefined {
  const own = event.hashes?.[variant] ?? event.known?.hashes?.[variant];
  if (own !== undefined) return own;
  const { user } = event;
  return variant.startsWith("email_")
    ? (preHashed(user.email_sha256) ?? preHashed(user.email))
    : (preHashed(user.phone_sha256) ?? preHashed(user.phone));
}
