import { OWN_NAME, wireName } from "../../core/destination.ts";
import type { CanonicalEvent, EventName } from "../../core/event.ts";
import { type LaneEventRules, ruleFor } from "../../core/event-rules.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import type { EventSource } from "./settings.ts";

/**
 * TikTok's standard events, and own names for what has none: those count in reports and audiences only.
 * https://ads.tiktok.com/help/article/supported-standard-events
 */
export const EVENT_NAMES: Readonly<Partial<Record<EventName, string>>> = {
  page_view: "Pageview",
  view_item: "ViewContent",
  view_item_list: OWN_NAME,
  search: "Search",
  add_to_cart: "AddToCart",
  remove_from_cart: OWN_NAME,
  view_cart: OWN_NAME,
  add_to_wishlist: "AddToWishlist",
  begin_checkout: "InitiateCheckout",
  add_shipping_info: OWN_NAME,
  add_payment_info: "AddPaymentInfo",
  purchase: "Purchase",
  refund: "Refund",
  lead: "Lead",
  sign_up: "CompleteRegistration",
  login: OWN_NAME,
  subscribe: "Subscribe",
  start_trial: "StartTrial",
  contact: "Contact",
  schedule: "Schedule",
  submit_application: "SubmitApplication",
  custom: OWN_NAME,
};

/** What apps have other standard events for than websites. */
const APP_EVENT_NAMES: Readonly<Partial<Record<EventName, string>>> = {
  begin_checkout: "Checkout",
  lead: "GenerateLead",
  login: "Login",
  sign_up: "Registration",
};

/** Longest name of an event, characters. https://ads.tiktok.com/help/article/custom-events */
export const LONGEST_NAME = 50;

/** Letters, digits, underscores and dashes, a letter first. Same source. */
const FORM = /^[A-Za-z][\w-]{0,49}$/;

/** The name that TikTok gets: the lane's, else the standard one of the event's kind. Empty when it has no letter. */
export function tikTokEventName(event: CanonicalEvent, source: EventSource, rules: LaneEventRules): string {
  const ofApp = source === "app" && ruleFor(event, rules)?.name === undefined;
  const name = ofApp ? APP_EVENT_NAMES[event.event_name] : undefined;
  return inForm(name ?? wireName(event, { eventNames: EVENT_NAMES }, rules) ?? "", source);
}

/**
 * What TikTok forbids becomes an underscore, and what stands before the first letter goes. Stages of a CRM are free
 * text, which Events Manager maps to standard events.
 */
function inForm(name: string, source: EventSource): string {
  if (FORM.test(name)) return name;
  const plain = withoutAddresses(name.trim());
  if (source === "crm") return [...plain].slice(0, LONGEST_NAME).join("").trim();
  const clean = plain.replace(/[^\w-]+/g, "_").replace(/^[^A-Za-z]+/, "");
  return clean.slice(0, LONGEST_NAME).replace(/_+$/, "");
}
