import { contactText } from "../../core/contact-text.ts";
import type { Identifier } from "../../core/destination.ts";
import { emailInClear } from "../../core/email-in-clear.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { identifiersWithValue } from "../../core/identifiers-with-value.ts";
import { ownPhoneInClear, phoneInClear } from "../../core/phone-in-clear.ts";
import { cutText } from "../../core/sender-properties.ts";
import type { BrazeSettings, ProfileFact } from "./settings.ts";

type Fields = Record<string, unknown>;

const LONGEST_TEXT = 255;

/**
 * Whose event it is. Each object names exactly one identifier: the user id, else the e-mail, else the phone, else an
 * alias made of the anonymous id. Undefined when there is none.
 */
export function identifierOf(event: CanonicalEvent, settings: BrazeSettings): Fields | undefined {
  const found = profileId(event) ?? contactId(event);
  if (found !== undefined) return settings.existingProfilesOnly ? { ...found, _update_existing_only: true } : found;
  const label = settings.anonymousAlias;
  const anonymousId = filled(event.user.anonymous_id) ?? filled(event.known?.anonymous_id);
  if (label === undefined || anonymousId === undefined) return undefined;
  return {
    user_alias: { alias_name: anonymousId, alias_label: label },
    // Braze makes a profile of an alias only when this is said to be false.
    _update_existing_only: settings.existingProfilesOnly,
  };
}

/**
 * The facts of the profile that the lane writes, under Braze's names, beside whose they are; undefined when this event
 * knows none that the identifier does not say already.
 */
export function profileAttributes(event: CanonicalEvent, settings: BrazeSettings): Fields | undefined {
  if (settings.attributes.length === 0) return undefined;
  const person = identifierOf(event, settings) ?? {};
  const facts = Object.entries(Object.assign({}, ...settings.attributes.map((fact) => FACTS[fact](event))) as Fields);
  const news = facts.filter(([name, value]) => value !== undefined && person[name] === undefined);
  return news.length === 0 ? undefined : { ...person, ...Object.fromEntries(news) };
}

/** What an event's objects really say of the person. */
export function sentIdentifiers(event: CanonicalEvent, settings: BrazeSettings): ReadonlySet<Identifier> {
  const sent: Fields = { ...profileAttributes(event, settings), ...identifierOf(event, settings) };
  const found: Partial<Record<Identifier, unknown>> = {
    email: sent.email,
    phone: sent.phone,
    external_id: sent.external_id ?? sent.user_alias,
    name: sent.first_name ?? sent.last_name,
    address: sent.home_city ?? sent.country,
    date_of_birth: sent.dob,
    gender: sent.gender,
  };
  return identifiersWithValue(found);
}

const FACTS: Readonly<Record<ProfileFact, (event: CanonicalEvent) => Fields>> = {
  // Only what the event itself says: the profile may know a newer address than the graph.
  email: ({ user }) => ({ email: emailInClear(user.email) }),
  phone: (event) => ({ phone: ownPhoneInClear(event) }),
  name: ({ user }) => ({ first_name: short(user.first_name), last_name: short(user.last_name) }),
  date_of_birth: ({ user }) => ({ dob: filled(user.date_of_birth) }),
  gender: ({ user }) => ({ gender: user.gender?.toUpperCase() }),
  address: ({ user }) => ({ home_city: short(user.city), country: filled(user.country) }),
  // Answers only: on an outgoing copy an absent purpose was granted by a default, which is nobody's word.
  google_consent: ({ consent }) => ({
    $google_ad_user_data: isGranted(consent?.ad_user_data),
    $google_ad_personalization: isGranted(consent?.ad_personalization),
  }),
};

function isGranted(answer: "granted" | "denied" | undefined): boolean | undefined {
  return answer === undefined ? undefined : answer === "granted";
}

function profileId({ user, known }: CanonicalEvent): Fields | undefined {
  const id = filled(user.user_id) ?? filled(known?.user_id);
  return id === undefined ? undefined : { external_id: id };
}

function contactId(event: CanonicalEvent): Fields | undefined {
  const email = emailInClear(contactText(event, "email"));
  if (email !== undefined) return { email };
  const phone = phoneInClear(event);
  return phone === undefined ? undefined : { phone };
}

function short(text: string | undefined): string | undefined {
  const whole = filled(text);
  return whole === undefined ? undefined : cutText(whole, LONGEST_TEXT);
}

function filled(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
