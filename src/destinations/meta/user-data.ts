import { countryCode, postalCode } from "../../core/address.ts";
import { advertisingIdAsWritten } from "../../core/advertising-id.ts";
import { birthDateDigits } from "../../core/birth-date.ts";
import { CLICK_LIFETIME_DAYS } from "../../core/click-lifetimes.ts";
import { DAY_MS } from "../../core/durations.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { externalIdDigests } from "../../core/external-ids.ts";
import { hashVariant, hashWith } from "../../core/hashing.ts";
import { publicIp } from "../../core/ip-address.ts";
import { perEvent } from "../../core/per-event.ts";
import { lettersOnly } from "../../core/person-name.ts";
import { present, presentList } from "../../core/present.ts";
import { regionCode } from "../../core/regions.ts";

/** Meta's `user_data`. Hashes are arrays of one or more digests; the rest leaves in clear, as Meta asks. */
export interface MetaUserData {
  em?: string[];
  ph?: string[];
  fn?: string[];
  ln?: string[];
  ge?: string[];
  db?: string[];
  ct?: string[];
  st?: string[];
  zp?: string[];
  country?: string[];
  external_id?: string[];
  client_ip_address?: string;
  client_user_agent?: string;
  fbc?: string;
  fbp?: string;
  madid?: string;
}

/** Everything that Meta matches on, as far as the event or the identity graph knows it. Absent keys are left out. */
export const userData = perEvent((event): MetaUserData => {
  const { user, known } = event;
  const { country } = user;
  return present({
    em: presentList(hashVariant(event, "email_plain")),
    ph: presentList(hashVariant(event, "phone_digits")),
    fn: presentList(hashWith(lettersOnly, user.first_name)),
    ln: presentList(hashWith(lettersOnly, user.last_name)),
    ge: presentList(hashWith((gender) => gender, user.gender)),
    db: presentList(hashWith(birthDateDigits, user.date_of_birth)),
    ct: presentList(hashWith(lettersOnly, user.city)),
    st: presentList(hashWith((region) => regionCode(region, country), user.region)),
    zp: presentList(hashWith((code) => postalCode(code, country), user.postal_code)),
    country: presentList(hashWith(countryCode, country)),
    external_id: externalIdDigests(event),
    client_ip_address: publicIp(user.ip),
    client_user_agent: user.user_agent || undefined,
    fbc: fbc(event),
    fbp: [event.browser_ids?.fbp, known?.browser_ids?.fbp].find(isBrowserId),
    madid: advertisingIdAsWritten(event),
  });
});

/**
 * Sets of keys that Meta refuses when nothing else is given, because they fit thousands of people. Any subset is
 * refused as well. Source: customer information parameters, "invalid combinations" (since v13.0).
 */
const TOO_BROAD: readonly ReadonlySet<string>[] = [
  new Set(["ct", "st", "zp", "country", "ge", "client_user_agent"]),
  new Set(["db", "client_user_agent"]),
  new Set(["fn", "ge"]),
  new Set(["ln", "ge"]),
];

/** True when Meta would refuse the event, and its whole request, for not pointing at anyone. */
export function isTooBroad(data: MetaUserData): boolean {
  const keys = Object.keys(data);
  return TOO_BROAD.some((set) => keys.every((key) => set.has(key)));
}

/** The form of `_fbc` and `_fbp`. One malformed fbc makes Meta refuse the whole request (100/2804001). */
function isBrowserId(value: string | undefined): value is string {
  return value !== undefined && /^fb\.\d\.\d{10,13}\.\S+$/.test(value);
}

/**
 * The click as Meta's cookie would write it: `fb.<subdomain index>.<ms when first seen>.<fbclid>`. A newer click
 * replaces the cookie's. The fbclid keeps its case, and its time is when the graph first saw that click, never the time
 * of the purchase or of sending: all of these break attribution silently.
 * Source: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
 */
function fbc(event: CanonicalEvent): string | undefined {
  const { browser_ids: browser, known } = event;
  const own = newestClick(browser?.fbc, builtFbc(event.click_ids));
  const remembered = newestClick(known?.browser_ids?.fbc, builtFbc(known?.click_ids, event.event_time));
  if (own === undefined || own === browser?.fbc || remembered === undefined) return own ?? remembered;
  return clickOf(own) === clickOf(remembered) && seenAt(remembered) < seenAt(own) ? remembered : own;
}

function newestClick(cookie: string | undefined, built: string | undefined): string | undefined {
  const [first, second] = [cookie, built].filter(isBrowserId);
  if (first === undefined || second === undefined) return first;
  return clickOf(first) !== clickOf(second) && seenAt(second) > seenAt(first) ? second : first;
}

/** With `attributedAt`, a click past its lifetime is left out: the graph remembers longer than Meta attributes. */
function builtFbc(clicks: CanonicalEvent["click_ids"], attributedAt?: number): string | undefined {
  const click = clicks?.fbclid;
  if (click === undefined) return undefined;
  const lifetimeMs = CLICK_LIFETIME_DAYS.fbclid * DAY_MS;
  if (attributedAt !== undefined && attributedAt - click.seen_at > lifetimeMs) return undefined;
  // 1 is the index of `example.com`, which Meta prescribes for values that no cookie gave.
  return `fb.1.${click.seen_at}.${click.value}`;
}

function clickOf(value: string): string {
  return value.split(".").slice(3).join(".");
}

function seenAt(value: string): number {
  const [, , time = "0"] = value.split(".");
  return time.length === 10 ? Number(time) * 1000 : Number(time);
}
