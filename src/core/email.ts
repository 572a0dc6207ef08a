/**
 * E-mail normalisation by platform rule. One shared form would be wrong: Google drops dots and `+tag` for its own
 * domains, Meta and most others keep both.
 */

const GOOGLE_DOMAINS = new Set(["gmail.com", "googlemail.com"]);

/** The rule of Meta, TikTok, Pinterest, Snapchat, LinkedIn and X: trimmed and lower case, dots and `+tag` kept. */
export function emailPlain(raw: string): string | undefined {
  return address(fold(raw).trim());
}

/**
 * Google's rule: no white space anywhere, lower case; for gmail.com and googlemail.com also without dots and `+tag`.
 * googlemail.com is not rewritten to gmail.com.
 * Source: https://developers.google.com/data-manager/api/devguides/concepts/formatting
 */
export function emailGoogle(raw: string): string | undefined {
  const folded = address(fold(raw).replace(/\s/g, ""));
  if (folded === undefined) return undefined;
  const [local = "", domain = ""] = split(folded);
  if (!GOOGLE_DOMAINS.has(domain)) return folded;
  const [mailbox = ""] = local.split("+");
  return address(`${mailbox.replaceAll(".", "")}@${domain}`);
}

function fold(raw: string): string {
  return raw.normalize("NFC").toLowerCase().normalize("NFC");
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
