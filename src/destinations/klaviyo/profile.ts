import { emailInClear } from "../../core/email-in-clear.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { isPublicIp } from "../../core/ip-address.ts";
import { ownClickId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";

/** Klaviyo's profile attributes, as far as events carry them. In clear: Klaviyo takes no hashes. */
export interface KlaviyoProfile {
  email?: string;
  phone_number?: string;
  external_id?: string;
  anonymous_id?: string;
  _kx?: string;
  first_name?: string;
  last_name?: string;
  location?: Partial<Record<LocationField, string>>;
}

type LocationField = "address1" | "city" | "region" | "zip" | "country" | "ip" | "timezone";

/** Of external ids; Klaviyo names none for the anonymous id. */
const LONGEST_ID = 255;
/** The shortest international numbers have seven digits; what is shorter is dialled inside one country only. */
const PHONE = /^\+[1-9]\d{6,14}$/;

/**
 * The person as Klaviyo finds or makes their profile. A phone number that is not E.164, or an address that is no
 * mailbox, would have the whole event refused: it is left out. The graph's e-mail and phone are hashes, of no use here.
 */
export const profile = perEvent((event): KlaviyoProfile => {
  const { user, known } = event;
  return defined<KlaviyoProfile>({
    email: emailInClear(user.email),
    phone_number: event.phone_e164 !== undefined && PHONE.test(event.phone_e164) ? event.phone_e164 : undefined,
    external_id: id(user.user_id) ?? id(known?.user_id),
    anonymous_id: id(user.anonymous_id) ?? id(known?.anonymous_id),
    _kx: filled(ownClickId(event, "_kx")?.value),
    first_name: filled(user.first_name),
    last_name: filled(user.last_name),
    location: location(event),
  });
});

/** Whether this is somebody. The exchange id alone is not: only Klaviyo's own tag is documented to identify by it. */
export function isSomebody({ email, phone_number, external_id, anonymous_id }: KlaviyoProfile): boolean {
  return [email, phone_number, external_id, anonymous_id].some((value) => value !== undefined);
}

function location({ user, device }: CanonicalEvent): KlaviyoProfile["location"] {
  const found = defined<NonNullable<KlaviyoProfile["location"]>>({
    address1: filled(user.street),
    city: filled(user.city),
    region: filled(user.region),
    zip: filled(user.postal_code),
    country: filled(user.country),
    ip: user.ip !== undefined && isPublicIp(user.ip) ? user.ip : undefined,
    timezone: filled(device?.timezone_name),
  });
  return Object.keys(found).length === 0 ? undefined : found;
}

function id(text: string | undefined): string | undefined {
  const whole = filled(text);
  return whole !== undefined && whole.length <= LONGEST_ID ? whole : undefined;
}

function filled(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}

function defined<Fields extends object>(fields: { [Name in keyof Fields]: Fields[Name] | undefined }): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
