import { emailPlain } from "./email.ts";
import type { HashVariant, User } from "./event.ts";
import { HASH_VARIANT_RULES, hashWith, preHashed } from "./hashing.ts";
import { parsePhone } from "./phone.ts";

/** A raw field that could not be hashed, and why. Never holds the value. */
export interface HashProblem {
  field: "email" | "phone";
  problem: string;
}

/**
 * Every hash variant of a person's raw e-mail and phone, computed once for all destinations. What does not parse is
 * left out and reported, never guessed. A digest in a raw field is no variant, since its rule is unknown; destinations
 * read it from there. National phone numbers are read in the person's country, else in `defaultCountry`.
 */
export function hashVariants(
  user: User,
  options: { defaultCountry?: string },
): { hashes: Partial<Record<HashVariant, string>>; problems: HashProblem[] } {
  const hashes: Partial<Record<HashVariant, string>> = {};
  const problems: HashProblem[] = [];
  if (isRaw(user.email)) {
    add(hashes, "email_plain", user.email);
    add(hashes, "email_google", user.email);
    if (emailPlain(user.email) === undefined) problems.push({ field: "email", problem: "is not an e-mail address" });
  }
  if (isRaw(user.phone)) {
    const phone = parsePhone(user.phone, user.country ?? options.defaultCountry);
    if ("problem" in phone) {
      problems.push({ field: "phone", problem: phone.problem });
    } else {
      add(hashes, "phone_e164", phone.e164);
      add(hashes, "phone_digits", phone.e164);
    }
  }
  return { hashes, problems };
}

function isRaw(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "" && preHashed(value) === undefined;
}

function add(hashes: Partial<Record<HashVariant, string>>, variant: HashVariant, raw: string): void {
  const hash = hashWith(HASH_VARIANT_RULES[variant], raw);
  if (hash !== undefined) hashes[variant] = hash;
}
