import { postalCode } from "../../core/address.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { hashVariant, hashWith } from "../../core/hashing.ts";
import { publicIp } from "../../core/ip-address.ts";
import { opaqueClickId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";
import { trimmedLower } from "../../core/person-name.ts";
import { present } from "../../core/present.ts";
import { regionCode } from "../../core/regions.ts";

/** Nextdoor's `customer`; what is undefined is not there. */
export type NextdoorCustomer = ReturnType<typeof customer>;

/**
 * Everything that Nextdoor matches on, as far as the event or the identity graph knows it: SHA-256 of what is trimmed
 * and in lower case, the phone in E.164 with its plus. Click, IP address and user agent go in clear.
 * Source: https://developer.nextdoor.com/reference/conversion-data-types
 */
export const customer = perEvent((event: CanonicalEvent) => {
  const { user, known } = event;
  return present({
    email: hashVariant(event, "email_plain"),
    phone_number: hashVariant(event, "phone_e164"),
    first_name: hashWith(trimmedLower, user.first_name),
    last_name: hashWith(trimmedLower, user.last_name),
    date_of_birth: hashWith(trimmedLower, user.date_of_birth),
    gender: hashWith(trimmedLower, user.gender),
    street_address: hashWith(trimmedLower, user.street),
    city: hashWith(trimmedLower, user.city),
    state: hashWith((region) => state(region, user.country), user.region),
    zip_code: hashWith((code) => zip(code, user.country), user.postal_code),
    country: hashWith(trimmedLower, user.country),
    external_id: hashWith(trimmedLower, user.user_id ?? known?.user_id),
    click_id: opaqueClickId(event, "ndclid"),
    client_ip_address: publicIp(user.ip),
    client_user_agent: user.user_agent?.trim() || undefined,
  });
});

/**
 * States and provinces as two letters, and of a US ZIP code the first five digits, however people write them; places
 * elsewhere as they are. Source: https://experienceleague.adobe.com/en/docs/experience-platform/tags/extensions/server/nextdoor/overview
 */
function state(region: string, country: string | undefined): string {
  const code = regionCode(region, country);
  return code.length === 2 && isIn(["US", "CA"], country) ? code : trimmedLower(region);
}

function zip(raw: string, country: string | undefined): string {
  const code = postalCode(raw, country);
  return /^\d{5}$/.test(code) && isIn(["US"], country) ? code : trimmedLower(raw);
}

/** Of people without a country Nextdoor's own is taken for theirs: it has nearly all of its members there. */
function isIn(countries: readonly string[], country = "US"): boolean {
  return countries.includes(country.toUpperCase());
}

/** Nextdoor finds a member by e-mail or phone, or the ad by its click; all else only helps. */
export function isMatchable({ email, phone_number, click_id }: NextdoorCustomer): boolean {
  return email !== undefined || phone_number !== undefined || click_id !== undefined;
}
