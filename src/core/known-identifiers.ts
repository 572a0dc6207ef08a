import { BROWSER_ID_NAMES } from "./browser-ids.ts";
import { givenTouches } from "./campaign-touches.ts";
import { CLICK_ID_NAMES } from "./click-ids.ts";
import { isLiveClick } from "./click-lifetimes.ts";
import { unansweredBy } from "./consent-memory.ts";
import type { BrowserIds, CanonicalEvent, HashVariant, KnownIdentifiers } from "./event.ts";
import { fbcClick, fbcTime } from "./fbc.ts";
import { CONTACTS, EXACT_VARIANTS, variantsOf } from "./hashing.ts";
import type { LearningRules, Person } from "./identity.ts";
import { senderDigest } from "./identity-identifiers.ts";
import { missingContacts } from "./known-contacts.ts";
import { identityScope } from "./scoped-digest.ts";
import { allowedOf, withheldIdentifiers } from "./withheld-identifiers.ts";

/** What the graph adds to an event, and the names of the added fields for the story. */
export interface Filled {
  readonly known: KnownIdentifiers;
  readonly filled: string[];
}

/**
 * Fills only what the event lacks. An event with its own e-mail never gets another e-mail's hash, even of the same
 * person; a click id is given while its platform still attributes to it. Of the event's own click it may lack when that
 * click was first seen: a purchase that carries the landing page's click id did not happen at the time of the click.
 * What the person refused is not given, whether this event says so or an earlier one did. Campaigns are given also to the
 * event that tells of one, so that a destination finds them in one place.
 */
export function knownIdentifiers(
  event: CanonicalEvent,
  person: Person,
  { contacts: vault, honourGpc, retentionMs, keepsCampaigns }: LearningRules,
): Filled {
  const { user } = event;
  const consent = unansweredBy(event, person.answers);
  const refused = withheldIdentifiers(event, consent, honourGpc);
  const known: KnownIdentifiers = { person_id: person.id };
  const filled: string[] = [];

  const userId = person.users[identityScope(event)]?.id;
  if (user.user_id === undefined && userId !== undefined && !refused.ownIds) {
    known.user_id = userId;
    filled.push("user_id");
  }
  const anonymousId = person.anonymous_ids.at(-1);
  if (user.anonymous_id === undefined && anonymousId !== undefined && !refused.ownIds) {
    known.anonymous_id = anonymousId;
    filled.push("anonymous_id");
  }
  const hashes = refused.hashes ? {} : missingHashes(event, person);
  const browserIds = allowedOf(missingBrowserIds(event, person), refused);
  const clickIds = allowedOf(missingClickIds(event, person), refused);
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
  const contacts = vault === undefined || refused.contacts ? {} : missingContacts(event, person, hashes, vault);
  if (Object.keys(contacts).length > 0) {
    known.contacts = contacts;
    filled.push(...Object.keys(contacts).map((contact) => `${contact}_in_clear`));
  }
  if (consent !== undefined) {
    known.consent = consent;
    filled.push("consent");
  }
  if (keepsCampaigns?.(event, consent) !== true) return { known, filled };
  const [until, scope] = [event.event_time, event.source.dedup_scope];
  const campaigns = givenTouches(person.touches, { scope, since: until - retentionMs, until });
  if (campaigns === undefined) return { known, filled };
  known.campaigns = campaigns;
  // What this very event told is nothing that was filled in.
  for (const name of ["first", "last"] as const) {
    const touch = campaigns[name];
    if (touch !== undefined && touch.at !== until) filled.push(`${name}_touch`);
  }
  return { known, filled };
}

function missingHashes(event: CanonicalEvent, { hashes }: Person): Partial<Record<HashVariant, string>> {
  const { user, hashes: own = {} } = event;
  const missing: Partial<Record<HashVariant, string>> = {};
  for (const contact of CONTACTS) {
    const variants = variantsOf(contact);
    if (variants.some((variant) => own[variant] !== undefined)) continue;
    const sent = senderDigest(user, contact);
    // A sender's digest under an unknown rule is completed only when it is of this very address.
    if (sent !== undefined && !EXACT_VARIANTS[contact].some((variant) => hashes[variant] === sent)) continue;
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
  for (const name of BROWSER_ID_NAMES) {
    const id = known[name];
    if (id === undefined || own[name] !== undefined) continue;
    if (name !== "fbc" || isOfThisClick(id, event)) missing[name] = id;
  }
  return missing;
}

/** Another click of this event's own would contradict the older click that a kept fbc stands for. */
function isOfThisClick(fbc: string, event: CanonicalEvent): boolean {
  const click = event.click_ids?.fbclid;
  const agrees = click === undefined || click.value === fbcClick(fbc);
  return agrees && isLiveClick("fbclid", fbcTime(fbc), event.event_time);
}

function missingClickIds(
  event: CanonicalEvent,
  { click_ids: known }: Person,
): NonNullable<CanonicalEvent["click_ids"]> {
  const missing: NonNullable<CanonicalEvent["click_ids"]> = {};
  for (const name of CLICK_ID_NAMES) {
    const click = known[name];
    if (click === undefined || !isLiveClick(name, click.seen_at, event.event_time)) continue;
    const own = event.click_ids?.[name];
    const hasCookie = name === "fbclid" && event.browser_ids?.fbc !== undefined;
    const isEarlierSight = own?.value === click.value && click.seen_at < own.seen_at;
    if (own === undefined ? !hasCookie : isEarlierSight) missing[name] = { ...click };
  }
  return missing;
}
