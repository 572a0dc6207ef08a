/** Event names that only Google's own SDKs may send. */
export const RESERVED_EVENT_NAMES: ReadonlySet<string> = new Set([
  "ad_activeview",
  "ad_click",
  "ad_exposure",
  "ad_impression",
  "ad_query",
  "adunit_exposure",
  "app_clear_data",
  "app_install",
  "app_remove",
  "app_store_refund",
  "app_store_subscription_cancel",
  "app_store_subscription_convert",
  "app_store_subscription_renew",
  "app_update",
  "error",
  "first_open",
  "first_visit",
  "in_app_purchase",
  "notification_dismiss",
  "notification_foreground",
  "notification_open",
  "notification_receive",
  "os_update",
  "screen_view",
  "session_start",
  "user_engagement",
]);

/** User property names that Google keeps for itself. */
export const RESERVED_USER_PROPERTIES: ReadonlySet<string> = new Set([
  "first_open_after_install",
  "first_open_time",
  "first_visit_time",
  "last_deep_link_referrer",
  "user_id",
]);
