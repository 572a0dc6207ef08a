/** Event names that GA4 collects itself and refuses or drops from others. */
const RESERVED = new Set(
  `ad_activeview ad_click ad_exposure ad_impression ad_query adunit_exposure app_clear_data app_install app_remove
  app_store_refund app_store_subscription_cancel app_store_subscription_convert app_store_subscription_renew app_update
  error first_open first_visit in_app_purchase notification_dismiss notification_foreground notification_open
  notification_receive os_update screen_view session_start user_engagement`.split(/\s+/),
);
const RESERVED_PREFIX = /^(?:_|ga_|google_|firebase_|gtag\.)/;
const LONGEST = 40;

/**
 * A name in GA4's alphabet: letters, digits and underscores, a letter first, at most 40. Runs of anything else become
 * one underscore; empty when nothing is left, as of a name in another script.
 */
export function ga4Name(name: string): string {
  return name
    .trim()
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^[^A-Za-z]+/, "")
    .slice(0, LONGEST)
    .replace(/_+$/, "");
}

/** True for names that GA4 keeps for itself. Judged as the sender wrote it: a leading underscore is lost in `ga4Name`. */
export function isReservedEventName(name: string): boolean {
  return RESERVED.has(name) || RESERVED_PREFIX.test(name);
}

/** True for parameter names that GA4 keeps for itself. */
export function isReservedParameter(name: string): boolean {
  return /^(?:_|ga_|google_|firebase_)/.test(name);
}
