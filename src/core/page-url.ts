/**
 * A page address as it may leave for a platform: e-mail addresses, which forms and newsletters put into paths and
 * queries, are replaced. Platforms forbid them there, and some switch off accounts that send them.
 */
export function withoutAddresses(url: string): string {
  // By part, so that the time stays linear in the length of whatever a sender calls an address.
  return url.replace(/[^\s/?&=#;]+/g, (part) => (isAddress(part) ? "redacted" : part));
}

function isAddress(part: string): boolean {
  const at = part.search(/@|%40/i);
  return at > 0 && part.includes(".", at + 1);
}
