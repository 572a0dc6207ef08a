import type { BrowserId } from "./browser-ids.ts";
import type { ClickId } from "./click-ids.ts";
import { isLiveClick } from "./click-lifetimes.ts";
import type { CanonicalEvent, SeenClickId } from "./event.ts";
import { holdsContact } from "./page-url.ts";

/**
 * The click that a platform should attribute the event to: the event's own, else the one remembered of the person while
 * it counts at the time of the event. The own one gets the time at which the graph first saw it, when that was earlier.
 */
export function ownClickId(event: CanonicalEvent, name: ClickId): SeenClickId | undefined {
  const own = event.click_ids?.[name];
  const remembered = event.known?.click_ids?.[name];
  const counts = remembered !== undefined && isLiveClick(name, remembered.seen_at, event.event_time);
  if (own === undefined) return counts ? remembered : undefined;
  return counts && remembered.value === own.value && remembered.seen_at < own.seen_at ? remembered : own;
}

/** The platform's id of the browser: the event's own, else the one remembered of the person. */
export function ownBrowserId(event: CanonicalEvent, name: BrowserId): string | undefined {
  return event.browser_ids?.[name] ?? event.known?.browser_ids?.[name];
}

/** What ids of the platforms' making consist of. Braces and the like are those of a macro that nobody filled in. */
const OPAQUE = /^[\w.~=+/-]{1,1000}$/;

/** An id that a platform made, as it is; undefined for what a sender put in its place: texts, addresses, numbers to call. */
export function opaqueId(id: string | undefined): string | undefined {
  return id !== undefined && OPAQUE.test(id) && !holdsContact(id) ? id : undefined;
}

/**
 * The id of that click, its case kept, where it can be one of the platform's making. An own one that cannot takes no
 * remembered click's place.
 */
export function opaqueClickId(event: CanonicalEvent, name: ClickId): string | undefined {
  const own = event.click_ids?.[name];
  const isUnusable = own !== undefined && opaqueId(own.value) === undefined;
  return opaqueId(ownClickId(isUnusable ? { ...event, click_ids: {} } : event, name)?.value);
}
