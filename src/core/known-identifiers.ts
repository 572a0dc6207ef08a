import { CLICK_ID_NAMES, CLICK_IDS } from "./click-ids.ts";
import { unansweredBy } from "./consent-memory.ts";
import type { BrowserIds, CanonicalEvent, HashVariant, KnownIdentifiers } from "./event.ts";
import { CONTACTS, type Contact, variantsOf } from "./hashing.ts";
import type { Person } from "./identity.ts";
import { senderDigest } from "./identity-identifiers.ts";

const DAY_MS = 86_400_000;

/** What the graph adds to an event, and the names of the added fields for the story. */
export interface Filled {
  readonly known: KnownIdentifiers;
  readonly filled: string[];
}

/**
 * Fills only what the event lacks. An event with its own e-mail never gets another e-mail's hash, even of the same
 * person; a click id is given while its platform still attributes to it. Of the event's own click it may lack when that
 * click was first seen: a purchase that carries the landing page's click id did not happen at the time of the click.
 */
export function knownIdentifiers(event: CanonicalEvent, person: Person): Filled {
  const { user } = event;
  const known: KnownIdentifiers = { person_id: person.id };
  const filled: string[] = [];

  const userId = person.users[event.source.dedup_scope]?.id;
  if (user.user_id === undefined && userId !== undefined) {
    known.user_id = userId;
    filled.push("user_id");
  }
  const anonymousId = person.anonymous_ids.at(-1);
  if (user.anonymous_id === undefined && anonymousId !== undefined) {
    known.anonymous_id = anonymousId;
    filled.push("anonymous_id");
  }
  const hashes = missingHashes(event, person);
  const browserIds = missingBrowserIds(event, person);
  const clickIds = missingClickIds(event, person);
  for (const [field, values] of [
    ["hashes", hashes],
    ["browser_ids", browserIds],
    ["click_ids", clickIds],
  ] as const) {
    const names = Object.keys(values);
    if (names.length === 0) continue;
    filled.push(...names);
    Object.assign(known, { [field]: values });
  }
  const consent = unansweredBy(event.consent, person.answers, event.source.dedup_scope);
  if (consent !== undefined) {
    known.consent = consent;
    filled.push("consent");
  }
  return { known, filled };
}

/** Rules under which two addresses never become one. Microsoft's joins `a.b@` and `ab@`, which may be two people. */
const EXACT: Readonly<Record<Contact, readonly HashVariant[]>> = {
  email: ["email_plain"],
  phone: ["phone_e164", "phone_digits"],
};

function missingHashes(event: CanonicalEvent, { hashes }: Person): Partial<Record<HashVariant, string>> {
  const { user, hashes: own = {} } = event;
  const missing: Partial<Record<HashVariant, string>> = {};
  for (const contact of CONTACTS) {
    const variants = variantsOf(contact);
    if (variants.some((variant) => own[variant] !== undefined)) continue;
    const sent = senderDigest(user[`${contact}_sha256`], user[contact]);
    // A sender's digest under an unknown rule is completed only when it is of this very address.
    if (sent !== undefined && !EXACT[contact].some((variant) => hashes[variant] === sent)) continue;
    for (const variant of variants) {
      const hash = hashes[variant];
      if (hash !== undefined) missing[variant] = hash;
    }
  }
  return missing;
}

function missingBrowserIds(event: CanonicalEvent, { browser_ids: known }: Person): BrowserIds {
  const own = event.browser_ids ?? {};
  const missing: BrowserIds = {};
  if (own.fbp === undefined && known.fbp !== undefined) missing.fbp = known.fbp;
  if (own.ga_client_id === undefined && known.ga_client_id !== undefined) missing.ga_client_id = known.ga_client_id;
  // Another click of this event's own would contradict the older click that a kept fbc stands for.
  const click = event.click_ids?.fbclid;
  const mayUse = own.fbc === undefined && (click === undefined || click.value === fbcClick(known.fbc));
  if (mayUse && known.fbc !== undefined && isLive(fbcTime(known.fbc), "fbclid", event)) missing.fbc = known.fbc;
  return missing;
}

function missingClickIds(
  event: CanonicalEvent,
  { click_ids: known }: Person,
): NonNullable<CanonicalEvent["click_ids"]> {
  const missing: NonNullable<CanonicalEvent["click_ids"]> = {};
  for (const name of CLICK_ID_NAMES) {
    const click = known[name];
    if (click === undefined || !isLive(click.seen_at, name, event)) continue;
    const own = event.click_ids?.[name];
    const hasCookie = name === "fbclid" && event.browser_ids?.fbc !== undefined;
    const isEarlierSight = own?.value === click.value && click.seen_at < own.seen_at;
    if (own === undefined ? !hasCookie : isEarlierSight) missing[name] = { ...click };
  }
  return missing;
}

/** A click after the event cannot have led to it; one past its platform's window no longer counts. */
function isLive(seenAt: number, name: keyof typeof CLICK_IDS, event: CanonicalEvent): boolean {
  const age = event.event_time - seenAt;
  return age >= 0 && age <= CLICK_IDS[name].lifetimeDays * DAY_MS;
}

/** Meta's `fb.<subdomain index>.<creation ms>.<fbclid>`. */
function fbcTime(fbc: string): number {
  return Number(fbc.split(".")[2] ?? Number.NaN);
}

function fbcClick(fbc: string | undefined): string | undefined {
  return fbc?.split(".").slice(3).join(".");
}
