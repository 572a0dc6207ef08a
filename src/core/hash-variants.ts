import type { HashVariant, User } from "./event.ts";
import { CONTACTS, type Contact, HASH_VARIANT_RULES, preHashed, sentDigest, sha256Hex, variantsOf } from "./hashing.ts";
import { parsePhone } from "./phone.ts";

/** A contact that goes out without our own hash, and why. Never holds the value. */
interface HashProblem {
  field: Contact;
  problem: string;
}

/** What enrich makes of a person's contact data. */
export interface HashedContacts {
  hashes: Partial<Record<HashVariant, string>>;
  /** The phone as E.164 when it parses; personal, unlike the hashes. */
  phoneE164?: string;
  problems: HashProblem[];
}

/**
 * Every hash variant of a person's raw e-mail and phone, computed once for all destinations. What does not parse is
 * left out and reported, never guessed. A digest in a raw field is no variant, since its rule is unknown; destinations
 * read it from there, and it is reported where there is nothing better. National phone numbers are read in the person's
 * country, else in `defaultCountry`.
 */
export function hashVariants(user: User, options: { defaultCountry?: string }): HashedContacts {
  const made: HashedContacts = { hashes: {}, problems: [] };
  if (isRaw(user.email)) {
    addVariants(made.hashes, "email", user.email);
    if (made.hashes.email_plain === undefined) {
      made.problems.push({ field: "email", problem: "is not an e-mail address" });
    }
  }
  if (isRaw(user.phone)) {
    const phone = parsePhone(user.phone, user.country ?? options.defaultCountry);
    if ("problem" in phone) {
      made.problems.push({ field: "phone", problem: phone.problem });
    } else {
      addVariants(made.hashes, "phone", phone.e164);
      made.phoneE164 = phone.e164;
    }
  }
  for (const contact of CONTACTS) {
    const hasOwn = variantsOf(contact).some((variant) => made.hashes[variant] !== undefined);
    if (hasOwn || sentDigest(user, contact) === undefined) continue;
    made.problems.push({ field: contact, problem: "was hashed by the sender, under a rule that is not known" });
  }
  return made;
}

function isRaw(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "" && preHashed(value) === undefined;
}

function addVariants(hashes: Partial<Record<HashVariant, string>>, contact: Contact, raw: string): void {
  // Most addresses are the same under every rule: what is the same is hashed once.
  const digests = new Map<string, string>();
  for (const variant of variantsOf(contact)) {
    const normalised = HASH_VARIANT_RULES[variant](raw);
    if (!normalised) continue;
    const digest = digests.get(normalised) ?? sha256Hex(normalised);
    digests.set(normalised, digest);
    hashes[variant] = digest;
  }
}
