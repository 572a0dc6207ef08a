import { advertisingId } from "../../core/advertising-id.ts";
import { limitsDataUse } from "../../core/data-use.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { externalIdDigests } from "../../core/external-ids.ts";
import { hashVariant, hashWith } from "../../core/hashing.ts";
import { publicIp } from "../../core/ip-address.ts";
import { ownBrowserId, ownClickId } from "../../core/own-ids.ts";
import { holdsContact } from "../../core/page-url.ts";
import { withoutAsciiPunctuation } from "../../core/person-name.ts";
import { presentList } from "../../core/present.ts";

/**
 * OpenAI's `user`: everything that it matches on, as far as the event or the identity graph knows it. What is undefined
 * does not reach the body. From servers the names are plural and their values lists, of which it uses three; the
 * pixel's singular names are not read. Places leave in clear, as OpenAI asks. Source:
 * https://developers.openai.com/ads/conversions-api
 */
export function userData(event: CanonicalEvent) {
  const { user } = event;
  return {
    emails_sha256: presentList(hashVariant(event, "email_plain")),
    phone_numbers_sha256: presentList(hashVariant(event, "phone_digits")),
    external_ids_sha256: externalIdDigests(event),
    first_names_sha256: presentList(hashWith(withoutAsciiPunctuation, user.first_name)),
    last_names_sha256: presentList(hashWith(withoutAsciiPunctuation, user.last_name)),
    countries: presentList(user.country?.toUpperCase()),
    cities: presentList(place(user.city)),
    regions: presentList(place(user.region)),
    postal_codes: presentList(postalCode(user.postal_code)),
    obref: untouched(ownBrowserId(event, "obref")),
    ip_address: publicIp(user.ip),
    user_agent: user.user_agent || undefined,
    android_advertising_id: androidAdvertisingId(event),
  };
}

/** `oppref` of the click that led here, which belongs to the event and not to its user. */
export function adClick(event: CanonicalEvent): string | undefined {
  return untouched(ownClickId(event, "oppref")?.value);
}

/** `opt_out` keeps the event out of personalisation. It is no consent: what may not be sent does not get here. */
export function optsOut(event: CanonicalEvent): true | undefined {
  return limitsDataUse(event) ? true : undefined;
}

const VISIBLE = /^[\x21-\x7e]{1,1000}$/;
const LONGEST_PLACE = 128;
const POSTAL_CODE = /^[A-Za-z0-9](?:[A-Za-z0-9 -]{0,30}[A-Za-z0-9])?$/;

/** OpenAI's own tokens go back byte for byte. What cannot be one, such as an address typed into a URL, stays here. */
function untouched(token: string | undefined): string | undefined {
  return token !== undefined && VISIBLE.test(token) && !holdsContact(token) ? token : undefined;
}

function androidAdvertisingId(event: CanonicalEvent): string | undefined {
  return event.app?.platform === "android" ? advertisingId(event) : undefined;
}

function place(name: string | undefined): string | undefined {
  const text = name?.normalize("NFC").trim().toLowerCase();
  return text === undefined || text === "" || text.length > LONGEST_PLACE || holdsContact(text) ? undefined : text;
}

function postalCode(code: string | undefined): string | undefined {
  const text = code?.trim();
  return text !== undefined && POSTAL_CODE.test(text) ? text : undefined;
}
