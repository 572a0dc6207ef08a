/**
 * Values that look like a person's and are nobody's, as of November 2026. Short on purpose: a published list of disposable
 * domains has thousands of entries, which would weigh more in the function than they add to the score.
 */

/** Parts before the `@` that belong to a function in a company, most of them from RFC 2142. */
export const ROLE_MAILBOXES: ReadonlySet<string> = new Set([
  "abuse",
  "accounting",
  "accounts",
  "admin",
  "administrator",
  "billing",
  "contact",
  "enquiries",
  "finance",
  "ftp",
  "hello",
  "help",
  "helpdesk",
  "hostmaster",
  "hr",
  "info",
  "invoice",
  "invoices",
  "jobs",
  "mail",
  "mailer-daemon",
  "marketing",
  "newsletter",
  "office",
  "orders",
  "postmaster",
  "press",
  "reception",
  "returns",
  "root",
  "sales",
  "security",
  "service",
  "support",
  "team",
  "webmaster",
]);

/** Parts before the `@` that people and programs type where an address is required. */
export const PLACEHOLDER_MAILBOXES: ReadonlySet<string> = new Set([
  "asdf",
  "donotreply",
  "dummy",
  "fake",
  "foo",
  "guest",
  "no-email",
  "no-reply",
  "noemail",
  "none",
  "noreply",
  "null",
  "nobody",
  "qwerty",
  "test",
  "test1",
  "test123",
  "tester",
  "testing",
  "undefined",
]);

/**
 * Domains where nobody has a mailbox of their own. The documentation domains of RFC 2606 (`example.com`) are not here, as
 * the documentation ranges of addresses are not: examples and tests go through the same code as real traffic.
 */
export const PLACEHOLDER_DOMAINS: ReadonlySet<string> = new Set(["test.com", "test.test", "asdf.com", "noemail.com"]);

/** Top-level domains that RFC 2606 and RFC 6761 keep free of mailboxes. */
export const RESERVED_TLDS: ReadonlySet<string> = new Set(["example", "invalid", "local", "localhost", "test"]);

/** Domains of the services for addresses of ten minutes that are used most. */
export const DISPOSABLE_DOMAINS: ReadonlySet<string> = new Set([
  "10minutemail.com",
  "dispostable.com",
  "emailondeck.com",
  "fakeinbox.com",
  "getnada.com",
  "grr.la",
  "guerrillamail.com",
  "guerrillamail.info",
  "guerrillamail.net",
  "guerrillamail.org",
  "guerrillamailblock.com",
  "maildrop.cc",
  "mailinator.com",
  "mailnesia.com",
  "mintemail.com",
  "moakt.com",
  "mohmal.com",
  "mytemp.email",
  "sharklasers.com",
  "spamgourmet.com",
  "temp-mail.org",
  "tempail.com",
  "tempmail.com",
  "throwawaymail.com",
  "trashmail.com",
  "trashmail.de",
  "yopmail.com",
  "yopmail.fr",
  "yopmail.net",
]);

/**
 * User agents of programs: HTTP libraries, which tell that a server gave its own, and what crawls or drives a page. Not
 * `okhttp` and `Dalvik`: apps on a person's phone send those; and Cubot makes phones.
 */
export const PROGRAM_USER_AGENT =
  /^(?:axios|curl|go-http-client|guzzlehttp|java|apache-httpclient|libwww-perl|node(?:-fetch|\.js)?|php|postmanruntime|python|python-requests|python-urllib|aiohttp|ruby|undici|wget)(?:$|[/\s-])|(?<!cu)bot\b|crawler|spider|headlesschrome|phantomjs|facebookexternalhit|lighthouse/i;
