import { BROWSER_ID_NAMES, type BrowserId } from "../core/browser-ids.ts";
import { CLICK_ID_NAMES } from "../core/click-ids.ts";
import { IDENTIFIERS, type Identifier } from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { preHashed } from "../core/hashing.ts";
import { type FieldUse, fieldsOf, withField, withoutField } from "./field-origins.ts";

/** From where a sent identifier comes: `sender_digest` is a hash under a rule that nobody told us. */
export type IdentifierOrigin = "event" | "graph" | "sender_digest";

/** One identifier that the platform matches on, for one event. */
export interface IdentifierReport {
  readonly identifier: Identifier;
  readonly weight: number;
  readonly sent: boolean;
  /** Fields of the event that it is made of. */
  readonly from: readonly { readonly field: string; readonly origin: IdentifierOrigin }[];
  /**
   * When it is missing: sets of fields each of which, sent whole, would give it. Empty: these settings never send it for
   * an event like this one.
   */
  readonly remedies: readonly (readonly string[])[];
}

/** Where the fields of each identifier are, in the event or in what the graph knew. */
const FIELDS: Readonly<Record<Identifier, RegExp>> = {
  email: /^(user\.email(_sha256)?|known\.(hashes\.email_\w+|contacts\.email))$/,
  phone: /^(user\.phone(_sha256)?|known\.(hashes\.phone_\w+|contacts\.phone))$/,
  external_id: /^(user|known)\.(user_id|anonymous_id)$/,
  click_id: /^(known\.)?(click_ids\.\w+|browser_ids\.fbc)$/,
  browser_id: /^((known\.)?browser_ids\.(?!fbc$|ga_sessions).*|device\.(advertising|vendor)_id)$/,
  ip_and_user_agent: /^user\.(ip|user_agent)$/,
  name: /^user\.(first|last)_name$/,
  address: /^user\.(street|city|region|postal_code|country)$/,
  date_of_birth: /^user\.date_of_birth$/,
  gender: /^user\.gender$/,
};

type Sample = Readonly<Record<string, unknown>>;

const UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/** Well-formed values to try an absent field with, where its form is checked somewhere. */
const CLICK_SAMPLES: Readonly<Record<string, string>> = {
  msclkid: UUID.replaceAll("-", ""),
  li_fat_id: UUID,
  ScCid: UUID,
  rdt_cid: "1234567890123456789",
  awc: "1001_1700000000_3f2504e04f8941d39a0c0305e82c3301",
};

const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36";
const WHOLE_NAME: Sample = { "user.first_name": "Ana", "user.last_name": "Keller" };
const ADDRESS: Sample = {
  "user.street": "12 Main Street",
  "user.city": "Springfield",
  "user.region": "IL",
  "user.postal_code": "62701",
  "user.country": "US",
};

/** A made-up click of every platform, seen at this time (epoch ms). */
export function sampleClickIds(seenAt: number): NonNullable<CanonicalEvent["click_ids"]> {
  return Object.fromEntries(
    CLICK_ID_NAMES.map((name) => [
      name,
      { value: CLICK_SAMPLES[name] ?? "Cj0KCQjwsamplesample1234567890", seen_at: seenAt },
    ]),
  );
}

function clickSamples(event: CanonicalEvent): Sample[] {
  const clicks = Object.entries(sampleClickIds(event.event_time - 60_000));
  return clicks.map(([name, click]) => ({ [`click_ids.${name}`]: click }));
}

function browserSample(name: BrowserId, at: number): string {
  if (name === "fbp") return `fb.1.${at}.1234567890`;
  return name === "ga_client_id" ? "1234567890.1700000000" : UUID;
}

/** For each identifier, the sets of fields that may give it; a set is tried after all smaller ones. */
const SAMPLES: Readonly<Record<Identifier, (event: CanonicalEvent) => readonly Sample[]>> = {
  email: () => [{ "user.email": "ana@example.com" }],
  phone: () => [{ "user.phone": "+14155550132" }],
  external_id: () => [{ "user.user_id": "customer-42" }, { "user.anonymous_id": UUID }],
  click_id: (event) => [...clickSamples(event), { "browser_ids.fbc": `fb.1.${event.event_time - 60_000}.IwAR0sample` }],
  browser_id: (event) => [
    ...BROWSER_ID_NAMES.filter((name) => name !== "fbc").map((name) => ({
      [`browser_ids.${name}`]: browserSample(name, event.event_time),
    })),
    { "device.advertising_id": UUID },
    { "device.vendor_id": UUID },
  ],
  ip_and_user_agent: () => [
    { "user.ip": "203.0.113.7" },
    { "user.user_agent": USER_AGENT },
    { "user.ip": "203.0.113.7", "user.user_agent": USER_AGENT },
  ],
  name: () => [
    { "user.first_name": "Ana" },
    { "user.last_name": "Keller" },
    WHOLE_NAME,
    { ...WHOLE_NAME, "user.postal_code": "62701", "user.country": "US" },
    { ...WHOLE_NAME, ...ADDRESS },
  ],
  address: () => [
    ...Object.entries(ADDRESS).map(([field, value]) => ({ [field]: value })),
    { "user.postal_code": "62701", "user.country": "US" },
    ADDRESS,
    { ...WHOLE_NAME, "user.postal_code": "62701", "user.country": "US" },
    { ...WHOLE_NAME, ...ADDRESS },
  ],
  date_of_birth: () => [{ "user.date_of_birth": "1990-07-04" }],
  gender: () => [{ "user.gender": "f" }],
};

/** What is asked of the destination: its weights, and what it would send of an event. Pure. */
interface Asked {
  readonly matchKeys: Readonly<Partial<Record<Identifier, number>>>;
  readonly identifiersOf: (event: CanonicalEvent) => ReadonlySet<Identifier>;
}

/**
 * Every identifier that the platform matches on, the heaviest first: from where it is sent, or what to send for it. What
 * is missing is found by trying: the fields are added with sample values and the destination is asked again.
 */
export function identifierReports(
  event: CanonicalEvent,
  uses: readonly FieldUse[],
  { matchKeys, identifiersOf }: Asked,
): IdentifierReport[] {
  const sent = identifiersOf(event);
  const keys = IDENTIFIERS.filter((identifier) => (matchKeys[identifier] ?? 0) > 0);
  keys.sort((a, b) => (matchKeys[b] ?? 0) - (matchKeys[a] ?? 0));
  return keys.map((identifier) => {
    const isSent = sent.has(identifier);
    return {
      identifier,
      weight: matchKeys[identifier] ?? 0,
      sent: isSent,
      from: isSent ? sourcesOf(identifier, event, uses, identifiersOf) : [],
      remedies: isSent ? [] : remediesFor(identifier, event, identifiersOf),
    };
  });
}

function sourcesOf(
  identifier: Identifier,
  event: CanonicalEvent,
  uses: readonly FieldUse[],
  identifiersOf: Asked["identifiersOf"],
): IdentifierReport["from"] {
  const candidates = fieldsOf(event).filter((field) => FIELDS[identifier].test(field));
  const fed = candidates.filter((field) => uses.some((use) => use.field === field && use.feeds.length > 0));
  const essential = candidates.filter((field) => !identifiersOf(withoutField(event, field)).has(identifier));
  const fields = [...new Set([...essential, ...fed])];
  return fields.map((field) => ({ field, origin: originOf(field, event) }));
}

function originOf(field: string, { user }: CanonicalEvent): IdentifierOrigin {
  if (field.startsWith("known.")) return "graph";
  if (field.endsWith("_sha256")) return "sender_digest";
  const raw = field === "user.email" ? user.email : field === "user.phone" ? user.phone : undefined;
  return preHashed(raw) === undefined ? "event" : "sender_digest";
}

function remediesFor(identifier: Identifier, event: CanonicalEvent, identifiersOf: Asked["identifiersOf"]): string[][] {
  const found: string[][] = [];
  for (const sample of SAMPLES[identifier](event)) {
    const fields = Object.keys(sample);
    if (found.some((smaller) => smaller.every((field) => fields.includes(field)))) continue;
    const added = Object.entries(sample).reduce((next, [field, value]) => withField(next, field, value), event);
    if (identifiersOf(added).has(identifier)) found.push(fields);
  }
  return found;
}
