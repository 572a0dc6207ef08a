import { BROWSER_ID_NAMES } from "./browser-ids.ts";
import type { Identifier } from "./destination.ts";
import type { CanonicalEvent } from "./event.ts";

/**
 * The identifier kinds that an event brought itself, before the identity graph added any: what the presence metric
 * and the story report. A field that does not parse still counts: the sender did send it, and the story names the
 * problem.
 */
export function carriedIdentifiers(event: CanonicalEvent): Identifier[] {
  const { user, browser_ids: browser } = event;
  const present: Record<Identifier, boolean> = {
    email: Boolean(user.email || user.email_sha256),
    phone: Boolean(user.phone || user.phone_sha256),
    external_id: Boolean(user.user_id || user.anonymous_id),
    click_id: Object.keys(event.click_ids ?? {}).length > 0 || Boolean(browser?.fbc),
    browser_id: BROWSER_ID_NAMES.some((name) => name !== "fbc" && Boolean(browser?.[name])),
    ip_and_user_agent: Boolean(user.ip && user.user_agent),
    name: Boolean(user.first_name || user.last_name),
    address: Boolean(user.street || user.city || user.region || user.postal_code || user.country),
    date_of_birth: Boolean(user.date_of_birth),
    gender: Boolean(user.gender),
  };
  return (Object.keys(present) as Identifier[]).filter((identifier) => present[identifier]);
}
