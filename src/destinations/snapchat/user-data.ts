import { countryCode, postalCode } from "../../core/address.ts";
import { advertisingId } from "../../core/advertising-id.ts";
import { birthDateDigits } from "../../core/birth-date.ts";
import { externalIdDigests } from "../../core/external-ids.ts";
import { hashVariant, hashWith } from "../../core/hashing.ts";
import { publicIp } from "../../core/ip-address.ts";
import { ownBrowserId, ownClickId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";
import { lettersOnly } from "../../core/person-name.ts";
import { presentList } from "../../core/present.ts";
import { regionCode } from "../../core/regions.ts";
import { vendorId } from "../../core/vendor-id.ts";

/** Snapchat's `user_data`; what is undefined does not reach the body. Hashes are lower-case hex SHA-256. */
export type SnapUserData = ReturnType<typeof userData>;

/**
 * Everything that Snapchat matches on, as far as the event or the identity graph knows it. Three keys take several
 * digests. Source: https://developers.snap.com/api/marketing-api/Conversions-API/Parameters
 */
export const userData = perEvent((event) => {
  const { user } = event;
  const { country } = user;
  return {
    em: presentList(hashVariant(event, "email_plain")),
    ph: presentList(hashVariant(event, "phone_digits")),
    fn: hashWith(lettersOnly, user.first_name),
    ln: hashWith(lettersOnly, user.last_name),
    ge: hashWith(asItIs, user.gender),
    db: hashWith(birthDateDigits, user.date_of_birth),
    ct: hashWith(lettersOnly, user.city),
    st: hashWith((region) => regionCode(region, country), user.region),
    zp: hashWith((code) => postalCode(code, country), user.postal_code),
    country: hashWith(countryCode, country),
    external_id: externalIdDigests(event),
    // In clear and lower case, as Snapchat asks.
    madid: advertisingId(event),
    idfv: vendorId(event)?.toLowerCase(),
    client_ip_address: publicIp(user.ip),
    client_user_agent: user.user_agent || undefined,
    sc_click_id: opaque(ownClickId(event, "ScCid")?.value),
    sc_cookie1: opaque(ownBrowserId(event, "scid")),
  };
});

/**
 * Whether Snapchat would find anyone: it refuses events without an e-mail, a phone, an advertising id, or an IP address
 * together with the user agent, whatever else they carry.
 */
export function isMatchable({ em, ph, madid, client_ip_address, client_user_agent }: SnapUserData): boolean {
  return (em ?? ph ?? madid ?? (client_ip_address && client_user_agent)) !== undefined;
}

/** Ids of Snapchat's own. Their case is kept; what cannot be one, such as an address typed into a URL, is left out. */
function opaque(id: string | undefined): string | undefined {
  return id !== undefined && /^[\w-]{8,200}$/.test(id) ? id : undefined;
}

function asItIs(text: string): string {
  return text;
}
