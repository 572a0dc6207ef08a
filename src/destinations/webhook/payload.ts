import type { CampaignTouch } from "../../core/campaign.ts";
import { withoutConsentStrings } from "../../core/consent.ts";
import { contactText } from "../../core/contact-text.ts";
import type { CanonicalEvent, JsonValue, KnownIdentifiers } from "../../core/event.ts";
import { hashVariant } from "../../core/hashing.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { holdsAddress, withoutAddresses } from "../../core/page-url.ts";
import { present } from "../../core/present.ts";

/** How much of the person leaves: nothing, ids and hashes, or everything in clear. */
export const PERSONAL_DATA = ["none", "hashed", "raw"] as const;
export type PersonalData = (typeof PERSONAL_DATA)[number];

/**
 * `data` of the webhook: the canonical event without what is only ours (routing, clock readings, and who we think the
 * person is), and with as much of the person as the lane allows.
 */
export function payloadData(event: CanonicalEvent, personalData: PersonalData): Record<string, unknown> {
  const data = chosenData(event, personalData);
  if (personalData === "raw") return data;
  // The receiver joins on the event id, which every platform gets unchanged.
  const ids = personalData === "hashed" ? ID_KEYS : new Set<string>();
  return { ...(inClear(data, ids) as Record<string, unknown>), event_id: event.event_id };
}

function chosenData(event: CanonicalEvent, personalData: PersonalData): Record<string, unknown> {
  const { user, browser_ids, click_ids, known, hashes, device, properties, page, ...rest } = event;
  const { clock, destinations, received_at, event_time, source, phone_e164, ...facts } = rest;
  // When a string was written is for what we decide, and like the string itself enough to know a browser again.
  const { answered_at, ...consent } = facts.consent ?? {};
  const base = {
    ...facts,
    ...(facts.consent === undefined ? {} : { consent }),
    event_time: new Date(event_time).toISOString(),
    source: { id: source.id, kind: source.kind },
  };
  if (personalData === "none") {
    const { consent: _, location: __, ...impersonal } = base;
    return {
      ...impersonal,
      // A consent string holds the tenth of a second in which the person answered, which hardly anybody shares.
      ...(facts.consent === undefined ? {} : { consent: withoutConsentStrings(consent) }),
      ...(page === undefined ? {} : { page: withoutQueries(page) }),
    };
  }
  const isRaw = personalData === "raw";
  const identity = {
    ...(known?.user_id === undefined ? {} : { user_id: known.user_id }),
    ...(known?.anonymous_id === undefined ? {} : { anonymous_id: known.anonymous_id }),
    ...(isRaw ? { ...user, ...contacts(event) } : idsOnly(user)),
    ...digests(event),
  };
  return {
    ...base,
    ...(page === undefined ? {} : { page: isRaw ? page : withoutQueries(page) }),
    user: identity,
    ...merged("browser_ids", known?.browser_ids, browser_ids),
    ...merged("click_ids", known?.click_ids, click_ids),
    ...(known?.campaigns === undefined ? {} : { campaigns: dated(known.campaigns) }),
    ...(isRaw && device !== undefined ? { device } : {}),
    ...(properties === undefined ? {} : { properties: isRaw ? properties : withoutPersonalKeys(properties) }),
  };
}

/** What says who without saying anything about them, and where in the world, no finer than a region. */
function idsOnly({ user_id, anonymous_id, country, region }: CanonicalEvent["user"]): Record<string, string> {
  return present({ user_id, anonymous_id, country, region });
}

/** A digest in the raw field gives way to the text that it is of, where the identity graph keeps one. */
function contacts(event: CanonicalEvent): Record<string, string> {
  return present({ email: contactText(event, "email"), phone: contactText(event, "phone") });
}

function digests(event: CanonicalEvent): Record<string, string> {
  const email = hashVariant(event, "email_plain");
  const phone = hashVariant(event, "phone_e164");
  return {
    ...(email === undefined ? {} : { email_sha256: email }),
    ...(phone === undefined ? {} : { phone_sha256: phone }),
  };
}

function merged(field: string, known: object | undefined, own: object | undefined): Record<string, unknown> {
  return known === undefined && own === undefined ? {} : { [field]: { ...known, ...own } };
}

function dated({ first, last }: NonNullable<KnownIdentifiers["campaigns"]>): Record<string, unknown> {
  const shown = (touch: CampaignTouch | undefined) =>
    touch === undefined ? undefined : { ...touch, at: new Date(touch.at).toISOString() };
  return present({ first: shown(first), last: shown(last) });
}

// Forms and newsletters put addresses and tokens into queries and fragments.
function withoutQueries(page: NonNullable<CanonicalEvent["page"]>): Record<string, string> {
  return {
    ...(page.url === undefined ? {} : { url: withoutQuery(page.url) }),
    ...(page.referrer === undefined ? {} : { referrer: withoutQuery(page.referrer) }),
    ...(page.title === undefined ? {} : { title: page.title }),
  };
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}

/** Addresses of pages, whole or from the path or the query on: Segment's page calls repeat them among the properties. */
const PAGE_ADDRESS = /^\s*(?:[a-z][a-z0-9+.-]*:\/\/|\/|[?#]\S*=)/i;

/** Names that say what they hold, compared without case and separators. */
const PERSONAL_KEY =
  /^(?:tel|name|address[12]|city|zip|dob|gender|ip|ssn|iban|passport|(?:billing|shipping|delivery|customer|recipient|contact|buyer|user)(?:name|city|zip|tel|ip))$/;
const PERSONAL_ENDING =
  /(?:e?mail|phone|phonenumber|telephone|mobile|address|street|firstname|lastname|fullname|surname|username|zipcode|postcode|postalcode|birthday|birthdate|dateofbirth|useragent|password)s?$/;

/**
 * The sender's own properties without keys that name personal data, at any depth, and without the queries of page
 * addresses. A `name` goes as well: whether it is a person's cannot be told from here.
 */
function withoutPersonalKeys(value: JsonValue): JsonValue {
  if (typeof value === "string") return PAGE_ADDRESS.test(value) ? withoutQuery(value) : value;
  if (Array.isArray(value)) return value.map(withoutPersonalKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !isPersonalKey(key))
      .map(([key, inner]) => [key, withoutPersonalKeys(inner)]),
  );
}

function isPersonalKey(key: string): boolean {
  const letters = key.toLowerCase().replace(/[^a-z0-9]/g, "");
  return holdsAddress(key) || PERSONAL_KEY.test(letters) || PERSONAL_ENDING.test(letters);
}

/** A contact among these becomes a digest where hashes may leave: a mask would make different ids equal. */
const ID_KEYS: ReadonlySet<string> = new Set(["user_id", "anonymous_id", "order_id", "lead_id"]);

/** The same value without e-mail addresses in any of its texts. */
function inClear(value: unknown, ids: ReadonlySet<string>, key = ""): unknown {
  if (typeof value === "string") return ids.has(key) ? idInClear(value) : withoutAddresses(value);
  if (Array.isArray(value)) return value.map((inner) => inClear(inner, ids));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inClear(inner, ids, name)]));
}
