import type { ClickId } from "./click-ids.ts";
import { emailPlain } from "./email.ts";
import { type CanonicalEvent, HASH_VARIANTS, type HashVariant, type User } from "./event.ts";
import { fbcClick } from "./fbc.ts";
import { type Contact, contactOf, sentDigest, sha256Hex } from "./hashing.ts";
import { contactDigest, DEVICE_COOKIES, identityScope, scopedDigest } from "./scoped-digest.ts";
import { isUnfilled, LEFTOVERS } from "./unfilled.ts";

/** What the graph can look a person up by. The strong ones name a person, the weak ones a browser or device. */
export type IdentifierKind = "user_id" | "email" | "phone" | "anonymous_id" | (typeof DEVICE_COOKIES)[number] | "click";

/** One identifier of an event as the graph keys it: `<kind>#<digest>`, so that no key holds what the sender wrote. */
export interface GraphIdentifier {
  readonly kind: IdentifierKind;
  readonly strong: boolean;
  readonly key: string;
}

/** Local parts and whole values that people and broken tags send in place of an identifier. */
const PLACEHOLDERS = new Set([
  "0",
  "-1",
  "na",
  "unknown",
  "anonymous",
  "anon",
  "guest",
  "user",
  "test",
  "true",
  "false",
]);
const PLACEHOLDER_MAILBOXES = new Set(["test", "noreply", "no-reply", "donotreply", "null", "undefined", "anonymous"]);
/** Mailboxes that several people read: an address of these names a company and none of its people. */
const SHARED_MAILBOXES = new Set(
  (
    "accounting accounts admin billing booking bookings buchhaltung buero contact einkauf enquiries facturation finance " +
    "hello help helpdesk hr info inquiries invoice invoices kontakt mail marketing office order orders post postmaster " +
    "purchasing reception rechnung sales service shop store support team vertrieb webmaster"
  ).split(" "),
);
const PLACEHOLDER_DOMAINS = /^(test|invalid|localhost)(\.[a-z]+)?$/;

/** True for a value that many different people share because nobody meant it: it must never join two of them. */
export function isPlaceholder(value: string): boolean {
  return isUnfilled(value) || PLACEHOLDERS.has(value.trim().toLowerCase());
}

/** The same for an e-mail address: `test@...`, anything at `test.com`, or a placeholder before the `@`. */
export function isPlaceholderEmail(raw: string): boolean {
  const email = emailPlain(raw);
  if (email === undefined) return true;
  const at = email.lastIndexOf("@");
  const [mailbox, domain] = [email.slice(0, at), email.slice(at + 1)];
  return isPlaceholder(mailbox) || PLACEHOLDER_MAILBOXES.has(mailbox) || PLACEHOLDER_DOMAINS.test(domain);
}

/** True for an address that a company's people share, such as `info@`: it may be sent, and joins nobody. */
function isSharedMailbox(raw: string): boolean {
  return SHARED_MAILBOXES.has(emailPlain(raw)?.split("@")[0] ?? "");
}

/** Placeholders for a phone number: one digit repeated, or counting up from one, as in forms filled to get past them. */
function isPlaceholderPhone(raw: string): boolean {
  const digits = raw.replace(/\D/g, "");
  return digits === "" || /(\d)\1{6}$/.test(digits) || digits.endsWith("123456789");
}

/** Digests of placeholders, for senders that hash before they send. */
const PLACEHOLDER_DIGESTS = new Set(
  [
    ...PLACEHOLDERS,
    ...LEFTOVERS,
    "test@test.com",
    "test@example.com",
    "noreply@example.com",
    "0000000000",
    "1234567890",
  ].map(sha256Hex),
);

/** The event's own hash variants that may stand for the person: none of a placeholder or shared e-mail or phone. */
export function personalHashes(event: CanonicalEvent): Partial<Record<HashVariant, string>> {
  const { user, hashes = {} } = event;
  const isPersonal: Record<Contact, boolean> = {
    email: user.email !== undefined && !isPlaceholderEmail(user.email) && !isSharedMailbox(user.email),
    phone: user.phone !== undefined && !isPlaceholderPhone(user.phone),
  };
  const personal: Partial<Record<HashVariant, string>> = {};
  for (const variant of HASH_VARIANTS) {
    const hash = hashes[variant];
    if (hash !== undefined && isPersonal[contactOf(variant)]) personal[variant] = hash;
  }
  return personal;
}

/**
 * The identifiers of an event that may find or join a person, strongest first; it must hold its `hashes` already.
 * A digest made by the sender is an identifier like ours: two equal digests come from one address whatever the rule
 * was. User and anonymous ids mean something only within their sources' scope; contacts and a tag's own browser id are
 * the same everywhere, unless the configuration keeps brands apart.
 */
export function graphIdentifiers(event: CanonicalEvent): GraphIdentifier[] {
  const { user, browser_ids: browser } = event;
  const scope = identityScope(event);
  const { contact_scope: contacts = "" } = event.source;
  const hashes = personalHashes(event);
  const found: (GraphIdentifier | undefined)[] = [
    opaque("user_id", scope, user.user_id),
    digest("email", contacts, hashes.email_plain ?? senderDigest(user, "email")),
    digest("phone", contacts, hashes.phone_digits ?? senderDigest(user, "phone")),
    opaque("anonymous_id", scope, user.anonymous_id),
    ...DEVICE_COOKIES.map((cookie) => opaque(cookie, contacts, browser?.[cookie])),
  ];
  return found.filter((identifier) => identifier !== undefined);
}

/** Of these Google makes one for several people, so that none of them can be told apart. */
const SHARED_CLICKS: ReadonlySet<string> = new Set<ClickId>(["gbraid", "wbraid"]);

/** Shorter than any platform's; and words such as `organic`, that forms leave in the field of a click, have no digit. */
const CLICK_ID = /^(?=.*\d).{8,}$/s;

/**
 * The clicks of an event as the graph keys them, whichever platform's. They join nobody by themselves: a link that was
 * copied has its click id with it. See `docs/decisions/0010-identity-rules.md`.
 */
export function clickIdentifiers({ browser_ids, click_ids = {}, source }: CanonicalEvent): GraphIdentifier[] {
  const { contact_scope: scope = "" } = source;
  const told = Object.entries(click_ids).flatMap(([name, { value }]) => (SHARED_CLICKS.has(name) ? [] : [value]));
  const fbc = browser_ids?.fbc;
  const values = new Set(fbc === undefined ? told : [...told, fbcClick(fbc)]);
  return [...values].flatMap((value) => (CLICK_ID.test(value) ? (opaque("click", scope, value) ?? []) : []));
}

/** The digest that the sender gave of a contact; undefined when it is that of a placeholder. */
export function senderDigest(user: User, contact: Contact): string | undefined {
  const value = sentDigest(user, contact);
  return value === undefined || PLACEHOLDER_DIGESTS.has(value) ? undefined : value;
}

const STRONG: ReadonlySet<IdentifierKind> = new Set(["user_id", "email", "phone"]);

function opaque(kind: IdentifierKind, scope: string, value: string | undefined): GraphIdentifier | undefined {
  if (value === undefined || isPlaceholder(value)) return undefined;
  return { kind, strong: STRONG.has(kind), key: `${kind}#${scopedDigest(scope, value)}` };
}

function digest(kind: IdentifierKind, scope: string, hash: string | undefined): GraphIdentifier | undefined {
  return hash === undefined ? undefined : { kind, strong: true, key: `${kind}#${contactDigest(scope, hash)}` };
}
