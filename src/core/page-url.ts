/**
 * A page address as it may leave for a platform: e-mail addresses, which forms and newsletters put into paths and
 * queries, are replaced. Platforms forbid them there, and some switch off accounts that send them.
 */
export function withoutAddresses(url: string): string {
  return url.replace(/[^\s/?&=#;]+(?:@|%40)[^\s/?&=#;]+\.[^\s/?&=#;]+/gi, "redacted");
}
