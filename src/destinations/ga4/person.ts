import { googlePlace, googleStreet, postalCode } from "../../core/address.ts";
import type { ConsentValue } from "../../core/consent.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { hashVariant, hashWith } from "../../core/hashing.ts";
import { isContact } from "../../core/id-in-clear.ts";
import { isPublicIp } from "../../core/ip-address.ts";
import { googleFirstName, googleLastName } from "../../core/person-name.ts";

/** Which of a person's data a lane may give to GA4. */
export interface PersonSettings {
  readonly clientIdFallback: "none" | "anonymous_id";
  readonly userProvidedData: boolean;
  readonly ipAndUserAgent: boolean;
}

/** The part of a request that speaks for one person: all its events must share it. */
export interface Ga4Person {
  client_id: string;
  user_id?: string;
  consent?: { ad_user_data?: string; ad_personalization?: string };
  user_data?: Record<string, unknown>;
  ip_override?: string;
  user_agent?: string;
}

/** Longest user id that GA4 takes; a cut one would be somebody else's. */
const LONGEST_USER_ID = 256;

/**
 * The browser's own client id. An invented one makes GA4 count a new user, so without one there is nothing to send
 * unless the lane lets the sender's anonymous id stand in.
 */
export function clientId(event: CanonicalEvent, settings: PersonSettings): string | undefined {
  const own = event.browser_ids?.ga_client_id ?? event.known?.browser_ids?.ga_client_id;
  // Senders may give a client id themselves: a contact is none, and stays here.
  if (own && !isContact(own)) return own;
  if (settings.clientIdFallback === "none") return undefined;
  const id = event.user.anonymous_id ?? event.known?.anonymous_id;
  return id === undefined || isContact(id) ? undefined : id;
}

/** Who the event is about. A refund names only the client: it happens in the shop's system, not on the person's device. */
export function person(event: CanonicalEvent, settings: PersonSettings): Ga4Person {
  const { user } = event;
  const consent = consentOf(event);
  const base: Ga4Person = { client_id: clientId(event, settings) ?? "", ...(consent === undefined ? {} : { consent }) };
  if (event.event_name === "refund") return base;
  const id = userId(event);
  // The lane may be open to people who refused this one purpose: it needs analytics_storage only.
  const mayMatch = settings.userProvidedData && event.consent?.ad_user_data !== "denied";
  const data = mayMatch ? userData(event) : undefined;
  return {
    ...base,
    ...(id === undefined ? {} : { user_id: id }),
    ...(data === undefined ? {} : { user_data: data }),
    ...(settings.ipAndUserAgent && user.ip !== undefined && isPublicIp(user.ip) ? { ip_override: user.ip } : {}),
    ...(settings.ipAndUserAgent && user.user_agent ? { user_agent: user.user_agent } : {}),
  };
}

// Google's terms forbid personal data in clear: an e-mail address or phone used as the user id stays here.
function userId({ user, known }: CanonicalEvent): string | undefined {
  const id = user.user_id ?? known?.user_id;
  return id === undefined || id === "" || id.length > LONGEST_USER_ID || isContact(id) ? undefined : id;
}

// An absent purpose stays absent: GA4 then uses what the tag in the browser was told. Limited use has no field of its own:
// personalised ads are what it rules out.
function consentOf({ consent }: CanonicalEvent): Ga4Person["consent"] {
  const wire: Record<ConsentValue, string> = { granted: "GRANTED", denied: "DENIED" };
  const personalization = consent?.limited_data_use === true ? "denied" : consent?.ad_personalization;
  const fields = {
    ...(consent?.ad_user_data === undefined ? {} : { ad_user_data: wire[consent.ad_user_data] }),
    ...(personalization === undefined ? {} : { ad_personalization: wire[personalization] }),
  };
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function userData(event: CanonicalEvent): Record<string, unknown> | undefined {
  const email = hashVariant(event, "email_google");
  const phone = hashVariant(event, "phone_e164");
  const address = addressOf(event);
  const data = {
    ...(email === undefined ? {} : { sha256_email_address: [email] }),
    ...(phone === undefined ? {} : { sha256_phone_number: [phone] }),
    ...(address === undefined ? {} : { address: [address] }),
  };
  return Object.keys(data).length === 0 ? undefined : data;
}

function addressOf({ user }: CanonicalEvent): Record<string, string> | undefined {
  const fields: Record<string, string | undefined> = {
    sha256_first_name: hashWith(googleFirstName, user.first_name),
    sha256_last_name: hashWith(googleLastName, user.last_name),
    sha256_street: hashWith(googleStreet, user.street),
    city: user.city && googlePlace(user.city),
    region: user.region && googlePlace(user.region),
    // In clear, and with no form that all countries share: what was put into the wrong field must not leave.
    postal_code: isContact(user.postal_code ?? "")
      ? undefined
      : user.postal_code && postalCode(user.postal_code, user.country),
    country: user.country,
  };
  const given = Object.entries(fields).filter((entry): entry is [string, string] => Boolean(entry[1]));
  // A country alone is no address.
  return given.length <= 1 && fields.country !== undefined ? undefined : nonEmpty(given);
}

function nonEmpty(entries: [string, string][]): Record<string, string> | undefined {
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
