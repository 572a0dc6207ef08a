import type { CanonicalEvent } from "../../core/event.ts";
import { hashVariant } from "../../core/hashing.ts";
import { isPublicIp } from "../../core/ip-address.ts";
import { ownClickId } from "../../core/own-ids.ts";
import { perEvent } from "../../core/per-event.ts";

/** One entry of X's `identifiers`. */
export interface XIdentifier {
  twclid?: string;
  hashed_email?: string;
  hashed_phone_number?: string;
  ip_address?: string;
  user_agent?: string;
}

/** X's own are letters and digits. Whatever else was in the parameter could cost the whole request. */
const CLICK_ID = /^[\w-]{6,200}$/;

/** X's guide describes the address as four numbers with dots between; IPv6 is not mentioned. */
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/**
 * Everything that X matches on, as far as the event or the identity graph knows it: an entry for each, except that IP
 * address and user agent share one, since neither may stand alone. Where one of the two is missing, the other joins the
 * first entry.
 * Source: https://docs.x.com/x-ads-api/measurement/web-conversions, preparing identifiers
 */
export const identifiersOf = perEvent((event): readonly XIdentifier[] => {
  const click = ownClickId(event, "twclid")?.value;
  const email = hashVariant(event, "email_plain");
  const phone = hashVariant(event, "phone_e164");
  const identifiers: XIdentifier[] = [
    ...(click !== undefined && CLICK_ID.test(click) ? [{ twclid: click }] : []),
    ...(email === undefined ? [] : [{ hashed_email: email }]),
    ...(phone === undefined ? [] : [{ hashed_phone_number: phone }]),
  ];
  const device = deviceOf(event);
  if (device.ip_address !== undefined && device.user_agent !== undefined) return [...identifiers, device];
  const [first, ...others] = identifiers;
  return first === undefined ? [] : [{ ...first, ...device }, ...others];
});

/** True for an entry that is more than a device's address and browser. */
export function pointsAtSomebody({ twclid, hashed_email, hashed_phone_number }: XIdentifier): boolean {
  return twclid !== undefined || hashed_email !== undefined || hashed_phone_number !== undefined;
}

function deviceOf({ user }: CanonicalEvent): Pick<XIdentifier, "ip_address" | "user_agent"> {
  const { ip } = user;
  const userAgent = user.user_agent?.trim();
  return {
    ...(ip !== undefined && IPV4.test(ip) && isPublicIp(ip) ? { ip_address: ip } : {}),
    ...(userAgent ? { user_agent: userAgent } : {}),
  };
}
