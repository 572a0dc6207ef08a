import { countryCode, domesticPostalCode } from "../../core/address.ts";
import { advertisingId } from "../../core/advertising-id.ts";
import { birthDateDigits } from "../../core/birth-date.ts";
import { externalIdDigests } from "../../core/external-ids.ts";
import { hashVariant, hashWith } from "../../core/hashing.ts";
import { publicIp } from "../../core/ip-address.ts";
import { opaqueClickId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";
import { lettersOnly, trimmedLower } from "../../core/person-name.ts";
import { present, presentList } from "../../core/present.ts";
import { regionCode } from "../../core/regions.ts";
import { limitedBy } from "./privacy.ts";

/** Pinterest's `user_data`: lists of digests, and four texts in clear. */
export interface PinterestUserData {
  em?: string[];
  ph?: string[];
  ge?: string[];
  db?: string[];
  fn?: string[];
  ln?: string[];
  ct?: string[];
  st?: string[];
  zp?: string[];
  country?: string[];
  external_id?: string[];
  hashed_maids?: string[];
  client_ip_address?: string;
  client_user_agent?: string;
  click_id?: string;
}

/**
 * Everything that Pinterest matches on, as far as the event or the identity graph knows it; absent keys are left out.
 * The digests in Pinterest's own examples do not follow its rules (country `US`, gender `male`): the rules count.
 * Source: https://developers.pinterest.com/docs/api/v5/events-create
 */
export const userData = perEvent((event): PinterestUserData => {
  const { user } = event;
  const { country } = user;
  const limits = limitedBy(event);
  return present({
    em: presentList(hashVariant(event, "email_plain")),
    ph: presentList(hashVariant(event, "phone_digits")),
    ge: presentList(hashWith((gender) => gender, user.gender)),
    db: presentList(hashWith(birthDateDigits, user.date_of_birth)),
    fn: presentList(hashWith(trimmedLower, user.first_name)),
    ln: presentList(hashWith(trimmedLower, user.last_name)),
    ct: presentList(hashWith(lettersOnly, user.city)),
    // Both places where they differ: Pinterest reads the law that applies from them.
    st: presentList(
      hashWith((region) => twoLetters(regionCode(region, country)), user.region),
      hashWith(twoLetters, limits?.region),
    ),
    zp: presentList(hashWith((code) => domesticPostalCode(code, country), user.postal_code)),
    country: presentList(hashWith(countryCode, country), hashWith(countryCode, limits?.country)),
    external_id: externalIdDigests(event),
    hashed_maids: presentList(hashWith((id) => id, advertisingId(event))),
    client_ip_address: publicIp(user.ip),
    client_user_agent: user.user_agent || undefined,
    click_id: opaqueClickId(event, "epik"),
  });
});

/** True when Pinterest takes the event: phone, click and ids alone are not enough for it. */
export function isMatchable(data: PinterestUserData): boolean {
  if (data.em !== undefined || data.hashed_maids !== undefined) return true;
  return data.client_ip_address !== undefined && data.client_user_agent !== undefined;
}

// The rule is a two-letter code; the name of a region elsewhere is none.
function twoLetters(region: string): string | undefined {
  return /^[a-z]{2}$/i.test(region) ? region.toLowerCase() : undefined;
}
