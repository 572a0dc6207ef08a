import { composed, fold } from "./fold.ts";

/**
 * E-mail normalisation by platform rule. One shared form would be wrong: Google drops dots and `+tag` for its own
 * domains, Microsoft for every domain, Meta and most others keep both.
 */

const GOOGLE_DOMAINS = new Set(["gmail.com", "googlemail.com"]);

/** The rule of Meta, TikTok, Pinterest, Snapchat, LinkedIn, X, OpenAI and Nextdoor: trimmed and lower case, dots and `+tag` kept. */
export function emailPlain(raw: string): string | undefined {
  return address(fold(raw).trim());
}

/**
 * Google's rule: no white space anywhere, lower case; for gmail.com and googlemail.com also without dots and `+tag`.
 * googlemail.com is not rewritten to gmail.com.
 * Source: https://developers.google.com/data-manager/api/devguides/concepts/formatting
 */
export function emailGoogle(raw: string): string | undefined {
  // Without white space inside, which is nearly always, it is the plain form.
  const folded = emailPlain(raw) ?? address(composed(fold(raw).replace(/\s/g, "")));
  if (folded === undefined) return undefined;
  const [local, domain] = split(folded);
  return GOOGLE_DOMAINS.has(domain) ? joined(withoutDotsAndTag(local), domain) : folded;
}

/**
 * Microsoft's rule: trimmed, lower case, without dots and `+tag` before the `@`, whatever the domain.
 * Source: https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration
 */
export function emailMicrosoft(raw: string): string | undefined {
  const [local, domain] = split(emailPlain(raw) ?? "");
  return joined(withoutDotsAndTag(local), domain);
}

/**
 * Reddit's rule: trimmed, lower case; before the `@` nothing from the `+` on, and of the rest letters and digits only.
 * Source: Reddit Ads help, manual advanced matching
 */
export function emailReddit(raw: string): string | undefined {
  const [local, domain] = split(emailPlain(raw) ?? "");
  return joined(composed(withoutTag(local).replace(/[^\p{L}\p{M}\p{N}]/gu, "")), domain);
}

/**
 * Amazon's rule: trimmed, lower case, and only `a-z 0-9 . @ -` kept, and the `+`. Amazon's published list lacks the
 * `+`; without it `jane+news@` would become `janenews@`, another mailbox, and what is known to send to Amazon in
 * production keeps it. An address with letters outside of the list has no form under it, for the same reason.
 * Source: Amazon Ads, Conversions API, match keys
 */
export function emailAmazon(raw: string): string | undefined {
  const plain = emailPlain(raw);
  if (plain === undefined || /[^\P{L}a-z]|[^\P{N}0-9]/u.test(plain)) return undefined;
  return address(plain.replace(/[^a-z0-9.@+-]/g, ""));
}

/** The address again, when the rule left something before the `@`. */
function joined(local: string, domain: string): string | undefined {
  return local === "" || domain === "" ? undefined : `${local}@${domain}`;
}

function withoutTag(local: string): string {
  const plus = local.indexOf("+");
  return plus === -1 ? local : local.slice(0, plus);
}

// What a dot kept apart may compose: normalising again must change nothing.
function withoutDotsAndTag(local: string): string {
  return composed(withoutTag(local).replaceAll(".", ""));
}

/** The text when it has the shape of an address: something, the last `@`, something, and nothing blank. */
function address(text: string): string | undefined {
  const [local, domain] = split(text);
  return local && domain && !/\s/.test(text) ? text : undefined;
}

function split(text: string): [string, string] {
  const at = text.lastIndexOf("@");
  return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
}
