import type { CanonicalEvent, JsonValue } from "../../core/event.ts";
import { hashVariant } from "../../core/hashing.ts";

/** How much of the person leaves: nothing, ids and hashes, or everything in clear. */
export const PERSONAL_DATA = ["none", "hashed", "raw"] as const;
export type PersonalData = (typeof PERSONAL_DATA)[number];

/**
 * `data` of the webhook: the canonical event without what is only ours (routing, clock readings, and who we think the
 * person is), and with as much of the person as the lane allows.
 */
export function payloadData(event: CanonicalEvent, personalData: PersonalData): Record<string, unknown> {
  const { user, browser_ids, click_ids, known, hashes, device, properties, page, ...rest } = event;
  const { clock, destinations, received_at, event_time, source, ...facts } = rest;
  const base = {
    ...facts,
    event_time: new Date(event_time).toISOString(),
    source: { id: source.id, kind: source.kind },
  };
  if (personalData === "none") {
    return { ...base, ...(page === undefined ? {} : { page: withoutQueries(page) }) };
  }
  const isRaw = personalData === "raw";
  const identity = {
    ...(known?.user_id === undefined ? {} : { user_id: known.user_id }),
    ...(known?.anonymous_id === undefined ? {} : { anonymous_id: known.anonymous_id }),
    ...(isRaw ? user : idsOnly(user)),
    ...digests(event),
  };
  return {
    ...base,
    ...(page === undefined ? {} : { page: isRaw ? page : withoutQueries(page) }),
    user: identity,
    ...merged("browser_ids", known?.browser_ids, browser_ids),
    ...merged("click_ids", known?.click_ids, click_ids),
    ...(isRaw && device !== undefined ? { device } : {}),
    ...(properties === undefined ? {} : { properties: isRaw ? properties : withoutPersonalKeys(properties) }),
  };
}

/** What says who without saying anything about them, and where in the world, no finer than a region. */
function idsOnly({ user_id, anonymous_id, country, region }: CanonicalEvent["user"]): Record<string, string> {
  const ids = { user_id, anonymous_id, country, region };
  return Object.fromEntries(Object.entries(ids).filter((entry): entry is [string, string] => entry[1] !== undefined));
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

// Forms and newsletters put addresses and tokens into queries and fragments.
function withoutQueries(page: NonNullable<CanonicalEvent["page"]>): Record<string, string> {
  const strip = (url: string) => url.replace(/[?#].*$/s, "");
  return {
    ...(page.url === undefined ? {} : { url: strip(page.url) }),
    ...(page.referrer === undefined ? {} : { referrer: strip(page.referrer) }),
    ...(page.title === undefined ? {} : { title: page.title }),
  };
}

const PERSONAL_KEY =
  /^(?:e?mail|emailaddress|phone|phonenumber|mobile|tel|telephone|firstname|lastname|fullname|surname|name|username|address|street|address1|address2|city|zip|zipcode|postcode|postalcode|birthday|birthdate|dateofbirth|dob|gender|ip|ipaddress|useragent|ssn|password|iban|passport)$/;

/**
 * The sender's own properties without keys that name personal data, at any depth, in any spelling of case and
 * separators. A `name` goes as well: whether it is a person's cannot be told from here.
 */
function withoutPersonalKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutPersonalKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !PERSONAL_KEY.test(key.toLowerCase().replace(/[^a-z0-9]/g, "")))
      .map(([key, inner]) => [key, withoutPersonalKeys(inner)]),
  );
}
