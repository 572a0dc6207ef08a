import { contactText } from "../../core/contact-text.ts";
import { emailInClear } from "../../core/email-in-clear.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { publicIp } from "../../core/ip-address.ts";
import { ownClickId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";
import { ownPhoneInClear, phoneInClear } from "../../core/phone-in-clear.ts";
import { present, presentOrNothing } from "../../core/present.ts";

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
/** Klaviyo recommends the IANA's names. Devices report others too, and a refused one would cost the event. */
const TIME_ZONE = /^(?:UTC|[A-Z][A-Za-z_]+(?:\/[A-Za-z0-9_+-]+){1,2})$/;

/**
 * The person as Klaviyo finds or makes their profile. A phone number that is not E.164, or an address that is no
 * mailbox, would have the whole event refused: it is left out.
 */
export const profile = perEvent((event): KlaviyoProfile => {
  const { user, known } = event;
  const email = emailInClear(contactText(event, "email"));
  return present({
    email,
    // Beside an e-mail that finds the profile a number is news of it: then only what the event itself says.
    phone_number: email === undefined ? phoneInClear(event) : ownPhoneInClear(event),
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
  return presentOrNothing({
    address1: filled(user.street),
    city: filled(user.city),
    region: filled(user.region),
    zip: filled(user.postal_code),
    country: filled(user.country),
    ip: publicIp(user.ip),
    timezone: TIME_ZONE.test(device?.timezone_name ?? "") ? device?.timezone_name : undefined,
  });
}

function id(text: string | undefined): string | undefined {
  const whole = filled(text);
  return whole !== undefined && whole.length <= LONGEST_ID ? whole : undefined;
}

function filled(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
