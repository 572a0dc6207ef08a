/**
 * A page's address cut down to its site. Platforms refuse a website's event without its page; a site's own name may say
 * something, and is what they know.
 */
export function siteOf(url: string): string {
  return /^\s*[a-z][a-z\d+.-]*:\/\/[^/?#\s]*/i.exec(url)?.[0].concat("/") ?? "/";
}
