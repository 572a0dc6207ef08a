import { ownContactText } from "./contact-text.ts";
import type { CanonicalEvent, KnownIdentifiers, SourceKind, User } from "./event.ts";
import { CONTACTS, type Contact, EXACT_VARIANTS, sentDigest } from "./hashing.ts";
import { present, presentOrNothing } from "./present.ts";

/**
 * Two copies of one action as one event. The browser was where it happened: its address, page, cookies and click ids
 * are the person's own, while a server often names its own or a proxy's. The server knows who bought and what was
 * really paid. So every field has a side that is asked first, and which copy came first decides over none of them but
 * the time and the id of the event.
 */

/** What the device is asked about first, and the server, of what stands by itself. */
const DEVICE_FIRST = ["app", "device", "location"] as const;
const SERVER_FIRST = [
  "tax",
  "shipping",
  "discount",
  "coupon",
  "order_id",
  "lead_id",
  "search_term",
  "payment_type",
  "method",
] as const;

/** Fields of a copy that an outgoing event can use. What is not here is as the first copy said it. */
const PARTS = [
  ...DEVICE_FIRST,
  ...SERVER_FIRST,
  "action_source",
  "page",
  "user",
  "hashes",
  "phone_e164",
  "known",
  "browser_ids",
  "click_ids",
  "value",
  "currency",
  "items",
] as const satisfies readonly (keyof CanonicalEvent)[];

/** What a copy brings to a union. */
export type CopyParts = Partial<Pick<CanonicalEvent, (typeof PARTS)[number]>>;

/** One copy as it takes part in the union. */
export interface MergeableCopy {
  readonly kind: SourceKind;
  readonly parts: CopyParts;
}

/** The fields of an event that a union can use. */
export function partsOf(event: CanonicalEvent): CopyParts {
  return present(Object.fromEntries(PARTS.map((field) => [field, event[field]])));
}

/** The first copy completed by the others, which come in the order in which they were received. */
export function mergedEvent(first: CanonicalEvent, others: readonly MergeableCopy[]): CanonicalEvent {
  const all = [{ kind: first.source.kind, parts: partsOf(first) }, ...others];
  const device = sided(all, (kind) => kind !== "server");
  const server = sided(all, (kind) => kind === "server");
  const own = {
    user: mergedUser(device, server),
    hashes: mergedHashes(server),
    browser_ids: mergedBrowserIds(device),
    click_ids: mergedClickIds(device),
  };
  const paid = server.find(({ value }) => value !== undefined);
  // One copy's amount in another's currency only where the one who gave the amount named none.
  const currency = paid?.currency ?? firstOf(server, "currency");
  const priced = server.map((copy) => (isIn(currency, copy) ? copy : withoutAmounts(copy)));
  const placed = device.find(({ page }) => page?.url !== undefined) ?? device[0];
  return {
    ...withoutParts(first),
    ...alone(DEVICE_FIRST, device),
    ...alone(SERVER_FIRST, priced),
    ...present({
      // Where the copy that has the page says it was: platforms take a website's event with page and browser only.
      action_source: placed?.action_source,
      page: placed?.page ?? firstOf(device, "page"),
      user: own.user,
      hashes: presentOrNothing(own.hashes),
      browser_ids: presentOrNothing(own.browser_ids),
      click_ids: presentOrNothing(own.click_ids),
      phone_e164: withContact(server, "phone")?.phone_e164,
      known: mergedKnown(server, own),
      value: paid?.value,
      currency,
      items: priced.find(({ items = [] }) => items.length > 0)?.items ?? firstOf(priced, "items"),
    }),
  };
}

function alone(fields: readonly (keyof CopyParts)[], copies: readonly CopyParts[]): CopyParts {
  return present(Object.fromEntries(fields.map((field) => [field, firstOf(copies, field)])));
}

/** Parts of all copies, those of the preferred side first, else in the order given. */
function sided(all: readonly MergeableCopy[], isPreferred: (kind: SourceKind) => boolean): CopyParts[] {
  const preferred = all.filter(({ kind }) => isPreferred(kind));
  return [...preferred, ...all.filter((it) => !preferred.includes(it))].map(({ parts }) => parts);
}

function firstOf<Field extends keyof CopyParts>(
  copies: readonly CopyParts[],
  field: Field,
): CopyParts[Field] | undefined {
  return copies.find((copy) => copy[field] !== undefined)?.[field];
}

function isIn(currency: string | undefined, copy: CopyParts): boolean {
  return copy.currency === undefined || copy.currency === currency;
}

/** What of a copy is no money of its own currency: a page may show dollars where the shop is paid in euros. */
function withoutAmounts({ discount: _, items, shipping: __, tax: ___, ...copy }: CopyParts): CopyParts {
  return { ...copy, ...present({ items: items?.map(({ discount: ____, price: _____, ...item }) => item) }) };
}

/** What only the first copy says, under the id and the time that the event was claimed with. */
function withoutParts(first: CanonicalEvent): CanonicalEvent {
  const rest = { ...first };
  for (const field of PARTS) if (field !== "action_source" && field !== "user") delete rest[field];
  return rest;
}

/**
 * The copy whose contact it is. Address, digest and hashes go together: a hash beside another address would find another
 * person. What parsed comes before what did not, and before a digest under a rule that nobody knows.
 */
function withContact(copies: readonly CopyParts[], contact: Contact): CopyParts | undefined {
  return copies.find((it) => isHashed(it, contact)) ?? copies.find((it) => hasContact(it, contact));
}

function isHashed({ hashes = {} }: CopyParts, contact: Contact): boolean {
  return Object.keys(hashes).some((variant) => variant.startsWith(contact));
}

function hasContact(copy: CopyParts, contact: Contact): boolean {
  return isHashed(copy, contact) || (copy.user?.[contact] ?? copy.user?.[`${contact}_sha256`]) !== undefined;
}

const NAME = ["first_name", "last_name"] as const;
const ADDRESS = ["street", "city", "region", "postal_code", "country"] as const;

function mergedUser(device: readonly CopyParts[], server: readonly CopyParts[]): User {
  const from = (copies: readonly CopyParts[], field: keyof User) =>
    copies.find(({ user }) => user?.[field] !== undefined)?.user?.[field];
  const together = (fields: readonly (keyof User)[], copy: CopyParts | undefined) =>
    Object.fromEntries(fields.map((field) => [field, copy?.user?.[field]]));
  const withAny = (fields: readonly (keyof User)[]) =>
    server.find(({ user }) => fields.some((field) => user?.[field] !== undefined));
  return present({
    user_id: from(server, "user_id"),
    anonymous_id: from(device, "anonymous_id"),
    ...together(["email", "email_sha256"], withContact(server, "email")),
    ...together(["phone", "phone_sha256"], withContact(server, "phone")),
    ...together(NAME, withAny(NAME)),
    // Half an address of each would be nobody's; a country alone is no address.
    ...together(ADDRESS, withAny(ADDRESS.slice(0, -1))),
    country: withAny(ADDRESS.slice(0, -1))?.user?.country ?? from(server, "country"),
    date_of_birth: from(server, "date_of_birth"),
    gender: from(server, "gender"),
    ip: from(device, "ip"),
    user_agent: from(device, "user_agent"),
  }) as User;
}

function mergedHashes(server: readonly CopyParts[]): NonNullable<CopyParts["hashes"]> {
  const of = (contact: Contact) => {
    const hashes = withContact(server, contact)?.hashes ?? {};
    return Object.entries(hashes).filter(([variant]) => variant.startsWith(contact));
  };
  return Object.fromEntries([...of("email"), ...of("phone")]);
}

function mergedBrowserIds(device: readonly CopyParts[]): NonNullable<CopyParts["browser_ids"]> {
  const ids = [...device].reverse().map(({ browser_ids: own }) => own ?? {});
  const sessions = Object.assign({}, ...ids.map(({ ga_sessions }) => ga_sessions));
  return {
    ...Object.assign({}, ...ids),
    ...(presentOrNothing(sessions) === undefined ? {} : { ga_sessions: sessions }),
  };
}

/** The same click counts from its first sight on, whoever saw it. */
function mergedClickIds(device: readonly CopyParts[]): NonNullable<CopyParts["click_ids"]> {
  const merged: NonNullable<CopyParts["click_ids"]> = {};
  for (const { click_ids: clicks = {} } of device) {
    for (const [name, click] of Object.entries(clicks)) {
      const kept = merged[name as keyof typeof clicks];
      const isEarlier = kept?.value === click.value && click.seen_at < kept.seen_at;
      if (kept === undefined || isEarlier) merged[name as keyof typeof clicks] = click;
    }
  }
  return merged;
}

type Own = Required<Pick<CopyParts, "user" | "hashes" | "browser_ids" | "click_ids">>;

/** What the graph knew of the person, less what the union carries itself: an own contact never gets another's hash. */
function mergedKnown(server: readonly CopyParts[], own: Own): KnownIdentifiers | undefined {
  const given = server.flatMap(({ known }) => known ?? []);
  const [preferred] = given;
  if (preferred === undefined) return undefined;
  const others = new Set(given.flatMap((it) => [it.person_id, ...(it.other_person_ids ?? [])]));
  others.delete(preferred.person_id);
  const { person_id: named } = server.find(namesSomebody)?.known ?? preferred;
  // Not who was at a shared device before: a tool would write what one of them does to the other.
  const theirs = given.filter((it) => it.person_id === named);
  const of = (field: "user_id" | "anonymous_id", from: readonly KnownIdentifiers[]) =>
    own.user[field] === undefined ? from.find((it) => it[field] !== undefined)?.[field] : undefined;
  return present({
    ...preferred,
    other_person_ids: others.size === 0 ? undefined : [...others].sort(),
    user_id: of("user_id", theirs),
    anonymous_id: of("anonymous_id", given),
    ...knownContacts(theirs, own),
    ...knownClientIds(given, own),
    campaigns: given.find(({ campaigns }) => campaigns !== undefined)?.campaigns,
  });
}

/** Whether a copy names a person, by what it says or by what the graph knows of its ids. */
function namesSomebody(copy: CopyParts): boolean {
  const { hashes = {}, user_id } = copy.known ?? {};
  const ids = [copy.user?.user_id, user_id];
  return ids.some((id) => id !== undefined) || CONTACTS.some((it) => hasContact(copy, it) || isHashed({ hashes }, it));
}

/** Hashes and texts of contacts that the union has none of, each contact's from one copy. */
function knownContacts(given: readonly KnownIdentifiers[], own: Own) {
  const missing = CONTACTS.flatMap((contact) => {
    const from = completing(contact, own, given);
    return from === undefined ? [] : [{ contact, from }];
  });
  const hashes = missing.flatMap(({ contact, from }) =>
    Object.entries(from.hashes ?? {}).filter(([variant]) => variant.startsWith(contact)),
  );
  const contacts = missing.map(({ contact, from }) => [contact, from.contacts?.[contact]] as const);
  return {
    hashes: presentOrNothing(Object.fromEntries(hashes)),
    contacts: presentOrNothing(Object.fromEntries(contacts) as NonNullable<KnownIdentifiers["contacts"]>),
  };
}

/** Ids of browsers and clicks that the union does not carry. Of a click that it does, the earlier sight is kept. */
function knownClientIds(given: readonly KnownIdentifiers[], own: Own) {
  const asParts = given.map(({ browser_ids = {}, click_ids = {} }) => ({ browser_ids, click_ids }));
  const browserIds = Object.entries(mergedBrowserIds(asParts)).filter(([name]) => !isCarried(name, own));
  const clickIds = Object.entries(mergedClickIds(asParts)).filter(([name, { value }]) => {
    const click = own.click_ids[name as keyof Own["click_ids"]];
    return click === undefined ? name !== "fbclid" || own.browser_ids.fbc === undefined : click.value === value;
  });
  return {
    browser_ids: presentOrNothing(Object.fromEntries(browserIds)),
    click_ids: presentOrNothing(Object.fromEntries(clickIds)),
  };
}

/** Who knows more of a contact that the union has no text of: of any, or of the one that a sender's digest is of. */
function completing(
  contact: Contact,
  { hashes, user }: Own,
  given: readonly KnownIdentifiers[],
): KnownIdentifiers | undefined {
  if (isHashed({ hashes }, contact) || ownContactText(user, contact) !== undefined) return undefined;
  const sent = sentDigest(user, contact);
  const known = given.filter((it) => isHashed({ hashes: it.hashes ?? {} }, contact));
  if (sent === undefined) return known[0];
  return known.find((it) => EXACT_VARIANTS[contact].some((variant) => it.hashes?.[variant] === sent));
}

/** A kept fbc stands for its own click, and would contradict another one. */
function isCarried(name: string, own: Own): boolean {
  const isOfClick = name === "fbc" && own.click_ids.fbclid !== undefined;
  return isOfClick || own.browser_ids[name as keyof Own["browser_ids"]] !== undefined;
}
