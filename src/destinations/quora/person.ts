import { advertisingIdAsWritten } from "../../core/advertising-id.ts";
import { contactText } from "../../core/contact-text.ts";
import { emailInClear } from "../../core/email-in-clear.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { preHashed } from "../../core/hashing.ts";
import { isContact } from "../../core/id-in-clear.ts";
import { publicIp } from "../../core/ip-address.ts";
import { ownClickId } from "../../core/own-ids.ts";
import { holdsContact, webUrl, withoutAddresses } from "../../core/page-url.ts";
import { phoneInClear } from "../../core/phone-in-clear.ts";
import { type Present, present } from "../../core/present.ts";

/** What Quora may learn of a person beside click and device: nothing, the IP address, or all that is known in clear. */
export type PersonalData = "none" | "ip" | "all";

/** Quora's own click ids hold `|`. Braces and the like are those of a macro that nobody filled in. */
const CLICK_ID = /^[\w.~=+/|:,;!*-]{1,500}$/;
const LOCALE = /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}$/;

/** `qclid` of the click that led here: what Quora attributes by. */
export function clickId(event: CanonicalEvent): string | undefined {
  const click = ownClickId(event, "qclid")?.value;
  return click !== undefined && CLICK_ID.test(click) && !holdsContact(click) ? click : undefined;
}

/**
 * Quora's `user`. It has no hashed form, so that by default nothing is in it; the object itself must be there.
 * Source: https://quoraadsupport.zendesk.com/hc/en-us/articles/23065751885069-Conversion-API-Overview
 */
export function quoraUser(event: CanonicalEvent, personalData: PersonalData): Present<UserFields> {
  const { user } = event;
  const ip = personalData === "none" ? undefined : publicIp(user.ip);
  if (personalData !== "all") return present({ ip });
  return present({
    email: emailInClear(contactText(event, "email")),
    name: fullName(event),
    phone_number: phoneInClear(event),
    date_of_birth: user.date_of_birth,
    ip,
    country: user.country?.toUpperCase(),
    region: place(user.region),
    city: place(user.city),
    postal_code: place(user.postal_code),
  });
}

interface UserFields {
  email?: string | undefined;
  name?: string | undefined;
  phone_number?: string | undefined;
  date_of_birth?: string | undefined;
  ip?: string | undefined;
  country?: string | undefined;
  region?: string | undefined;
  city?: string | undefined;
  postal_code?: string | undefined;
}

/** Quora's `device`; may be empty. */
export function quoraDevice(event: CanonicalEvent) {
  const { device, page, user } = event;
  const referrer = webUrl(page?.referrer);
  return present({
    user_agent: user.user_agent?.trim() || undefined,
    mobile_device_id: advertisingIdAsWritten(event),
    language: device?.locale !== undefined && LOCALE.test(device.locale) ? device.locale : undefined,
    // Quora's spelling, which is that of the HTTP header.
    referer: referrer === undefined ? undefined : withoutAddresses(referrer),
  });
}

function fullName({ user }: CanonicalEvent): string | undefined {
  const parts = [user.first_name, user.last_name].map(inClear).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(" ");
}

function place(raw: string | undefined): string | undefined {
  return inClear(raw);
}

// A digest in a field that is compared in clear says nothing, and an address does not belong there.
function inClear(raw: string | undefined): string | undefined {
  const text = raw?.normalize("NFC").trim() ?? "";
  return text === "" || preHashed(text) !== undefined || isContact(text) ? undefined : text;
}
