import { contactText } from "../../core/contact-text.ts";
import type { Identifier } from "../../core/destination.ts";
import { emailInClear } from "../../core/email-in-clear.ts";
import type { CanonicalEvent, EventName } from "../../core/event.ts";
import { identifiersWithValue } from "../../core/identifiers-with-value.ts";
import { ownPhoneInClear, phoneInClear } from "../../core/phone-in-clear.ts";
import { cutBytes } from "../../core/sender-properties.ts";
import type { CustomerIoSettings, WayToIdentify } from "./settings.ts";

/** Exactly one of them. In clear: Customer.io takes no hashes. */
export type Identifiers = Partial<Record<WayToIdentify, string>>;
type Attributes = Record<string, string | number>;

/** Source: https://docs.customer.io/journeys/invalid-api-requests */
const LONGEST_ID_BYTES = 150;
const LONGEST_VALUE_BYTES = 1000;

/** Events in which people say who they are. */
const CONTACT_EVENTS: ReadonlySet<EventName> = new Set([
  "purchase",
  "lead",
  "sign_up",
  "subscribe",
  "start_trial",
  "contact",
  "schedule",
  "submit_application",
]);

/** Whose event it is, by the first way of the lane's that the event knows; undefined when it knows none. */
export function identifiersOf(event: CanonicalEvent, { identifyBy }: CustomerIoSettings): Identifiers | undefined {
  for (const way of identifyBy) {
    const id = WAYS[way](event);
    if (id !== undefined) return { [way]: id };
  }
  return undefined;
}

/**
 * Attributes that go to the profile with this event, or undefined when none do. A visitor has no profile. With the
 * anonymous id Customer.io gives a person the events that they caused before it knew them.
 */
export function profileAttributes(event: CanonicalEvent, settings: CustomerIoSettings): Attributes | undefined {
  const { profiles, identifyBy } = settings;
  if (profiles === "never" || (profiles === "contact_events" && !CONTACT_EVENTS.has(event.event_name)))
    return undefined;
  const identifiers = identifiersOf(event, settings);
  if (identifiers === undefined || identifiers.anonymous_id !== undefined) return undefined;
  const { user, device } = event;
  const facts = {
    // Only what the event itself says: the profile may know a newer address than the graph.
    email: id(emailInClear(user.email)),
    phone: ownPhoneInClear(event),
    first_name: short(user.first_name),
    last_name: short(user.last_name),
    gender: user.gender,
    birthday: short(user.date_of_birth),
    city: short(user.city),
    region: short(user.region),
    postal_code: short(user.postal_code),
    country: short(user.country),
    timezone: short(device?.timezone_name),
    anonymous_id: identifyBy.includes("anonymous_id") ? WAYS.anonymous_id(event) : undefined,
    // The date of registration, as its segments and campaigns ask for it.
    created_at: event.event_name === "sign_up" ? Math.floor(event.event_time / 1000) : undefined,
  };
  const known = Object.entries(facts).filter(
    ([name, value]) => value !== undefined && !Object.hasOwn(identifiers, name),
  );
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Attributes);
}

/** What a request really says of the person. */
export function sentIdentifiers(event: CanonicalEvent, settings: CustomerIoSettings): ReadonlySet<Identifier> {
  const sent: Attributes = { ...profileAttributes(event, settings), ...identifiersOf(event, settings) };
  const found: Partial<Record<Identifier, unknown>> = {
    email: sent.email,
    phone: sent.phone,
    external_id: sent.id,
    browser_id: sent.anonymous_id,
    name: sent.first_name ?? sent.last_name,
    address: sent.city ?? sent.region ?? sent.postal_code ?? sent.country,
    date_of_birth: sent.birthday,
    gender: sent.gender,
  };
  return identifiersWithValue(found);
}

const WAYS: Readonly<Record<WayToIdentify, (event: CanonicalEvent) => string | undefined>> = {
  id: ({ user, known }) => id(user.user_id) ?? id(known?.user_id),
  email: (event) => id(emailInClear(contactText(event, "email"))),
  phone: (event) => phoneInClear(event),
  anonymous_id: ({ user, known }) => id(user.anonymous_id) ?? id(known?.anonymous_id),
};

/** Half an id is somebody else's. */
function id(text: string | undefined): string | undefined {
  const whole = text?.trim() || undefined;
  return whole !== undefined && Buffer.byteLength(whole) <= LONGEST_ID_BYTES ? whole : undefined;
}

function short(text: string | undefined): string | undefined {
  const whole = text?.trim() || undefined;
  return whole === undefined ? undefined : cutBytes(whole, LONGEST_VALUE_BYTES);
}
