import { isVisibleAscii } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  defineDestination,
  OWN_NAME,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { type CanonicalEvent, displayName } from "../core/event.ts";
import { ruleFor } from "../core/event-rules.ts";
import { withoutAddresses } from "../core/page-url.ts";
import { cutText } from "../core/sender-properties.ts";
import { incomplete, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./braze/answer.ts";
import { isRecommended, missingFor, recommendedProperties } from "./braze/ecommerce.ts";
import { identifierOf, profileAttributes, sentIdentifiers } from "./braze/person.ts";
import { customProperties } from "./braze/properties.ts";
import { missingForPurchase, purchaseObjects } from "./braze/purchase.ts";
import { type BrazeSettings, brazeSettings, REST_HOSTS } from "./braze/settings.ts";

type Context = DeliveryContext<BrazeSettings>;

/** Of all arrays of a request together; accounts with older limits may send more. */
const MOST_OBJECTS = 75;
const LONGEST_NAME = 255;

/** Braze, users and events. https://www.braze.com/docs/api/endpoints/user_data/post_user_track */
export const braze: Destination<BrazeSettings> = defineDestination({
  id: "braze",
  name: "Braze",
  settings: brazeSettings,
  catalogue: {
    status: "stable",
    dedup: "none: every copy counts",
    maxAge: "none",
    consentFields: "`$google_ad_user_data`, `$google_ad_personalization` (setting)",
    deletion: {
      by: "api",
      how: "`POST /users/delete`, up to 50 persons of one kind of identifier a request and 20,000 requests a minute together with four other user endpoints, with an API key that has `users.delete`. Counts of events and purchases stay, without the person.",
      identifiers: ["`external_id`", "user alias", "`braze_id`", "e-mail", "phone"],
      docs: "https://www.braze.com/docs/api/endpoints/user_data/post_user_delete",
    },
    consentRule: {
      because:
        "What people did is kept with their profile; whether they may be written to is their subscription there.",
    },
    docs: "https://www.braze.com/docs/api/endpoints/user_data/post_user_track",
  },
  credentials: ["apiKey"],
  limits: {
    batchSize: MOST_OBJECTS,
    bodyBytes: 4_000_000,
    // What ends the attempts is the lane's retry window.
    maxAgeMs: () => Number.POSITIVE_INFINITY,
    timeoutMs: 10_000,
    // A 400 is for the whole request; what Braze names in it or in a 201 is blamed alone.
    batchFailure: "whole",
    rowsInSuccess: true,
  },
  // What people did is kept with their profile, which is what this purpose is about. Whether they may be written to is
  // decided in Braze by their subscription, which events never change.
  consent: ["analytics_storage"],
  // Every page view would be a data point: page_view is sent only where the config names it.
  eventNames: {
    view_item: "ecommerce.product_viewed",
    view_item_list: OWN_NAME,
    search: OWN_NAME,
    add_to_cart: "ecommerce.cart_updated",
    remove_from_cart: "ecommerce.cart_updated",
    view_cart: OWN_NAME,
    add_to_wishlist: OWN_NAME,
    begin_checkout: "ecommerce.checkout_started",
    add_shipping_info: OWN_NAME,
    add_payment_info: OWN_NAME,
    purchase: "ecommerce.order_placed",
    refund: "ecommerce.order_refunded",
    lead: OWN_NAME,
    sign_up: OWN_NAME,
    login: OWN_NAME,
    subscribe: OWN_NAME,
    start_trial: OWN_NAME,
    contact: OWN_NAME,
    schedule: OWN_NAME,
    submit_application: OWN_NAME,
    custom: OWN_NAME,
  },
  eventNameProblem: (name) =>
    name.trim() !== "" && name.length <= LONGEST_NAME && !name.startsWith("$")
      ? undefined
      : `must have 1 to ${LONGEST_NAME} characters and not begin with $`,
  // No weights are published: a profile is found by one identifier, in this order.
  matchKeys: { external_id: 80, email: 15, phone: 5 },
  // "Duplicate" events are separate events, says the reference.
  dedupsByEventId: false,
  firstParty: true,
  needsRawContact: () => true,

  credentialProblem: ({ apiKey = "" }) =>
    isVisibleAscii(apiKey) ? undefined : "apiKey must be a REST API key, without spaces",

  identifiers: (event, { settings }) => sentIdentifiers(event, settings),

  skipReason(event, context) {
    return sharedSkipReason(event, braze, context) ?? missingFields(event, context);
  },

  // Answers go by place in each array. An order of several objects goes alone; profiles keep to themselves, so that the
  // place of an object is that of its event in every array.
  batchKey(event, context) {
    if (isPurchaseObject(event, context)) return `order ${event.event_id}`;
    return profileAttributes(event, context.settings) === undefined ? "events" : "events with profiles";
  },

  buildRequest(events, context) {
    const { settings, credentials } = context;
    const arrays = {
      attributes: events.flatMap((event) => attributesOf(event, settings)),
      events: events.filter((event) => !isPurchaseObject(event, context)).map((event) => eventObject(event, context)),
      purchases: events.filter((event) => isPurchaseObject(event, context)).flatMap((event) => orderOf(event, context)),
    };
    const filled = Object.entries(arrays).filter(([, objects]) => objects.length > 0);
    const count = filled.reduce((sum, [, objects]) => sum + objects.length, 0);
    // The pipeline then builds two requests of half the events.
    if (count > MOST_OBJECTS && events.length > 1) throw new RangeError(`${count} objects are too many for a request`);
    return {
      method: "POST",
      url: `https://${REST_HOSTS[settings.cluster]}/users/track`,
      headers: {
        authorization: `Bearer ${credentials.apiKey ?? "{apiKey}"}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(Object.fromEntries(filled)),
    };
  },

  classify: (response, events) => readAnswer(response, events.length),
});

function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const { settings } = context;
  if (identifierOf(event, settings) === undefined) {
    const anonymous = settings.anonymousAlias === undefined ? "; anonymousAlias files visitors too" : "";
    return incomplete(`Braze needs user.user_id, an e-mail or a phone number; a hash is none of them${anonymous}`);
  }
  // By the name that Braze gets: the config may call anything an order.
  const wrong = eventName(event, context) === "ecommerce.order_placed" ? noPurchase(event) : undefined;
  if (wrong !== undefined) return wrong;
  const missing = isPurchaseObject(event, context) ? missingForPurchase(event) : missingForName(event, context);
  return missing === undefined ? undefined : incomplete(missing);
}

function missingForName(event: CanonicalEvent, context: Context): string | undefined {
  const name = eventName(event, context);
  if (name === "") return "Braze needs a name that does not begin with $";
  return isRecommended(name) ? missingFor(name, event) : undefined;
}

/** Purchases of a lane with legacy objects, unless its config gives them a name: then they are events like others. */
function isPurchaseObject(event: CanonicalEvent, context: Context): boolean {
  if (event.event_name !== "purchase" || context.settings.ecommerce !== "legacy") return false;
  return ruleFor(event, context)?.name === undefined;
}

/** Recommended names belong together: carts that no recommended order ever closes would all count as abandoned. */
function eventName(event: CanonicalEvent, context: Context): string {
  const isOwn = context.settings.ecommerce === "legacy" && ruleFor(event, context)?.name === undefined;
  const name = isOwn ? displayName(event) : wireName(event, braze, context);
  return cutText(
    withoutAddresses(name ?? "")
      .replace(/^[\s$]+/, "")
      .trimEnd(),
    LONGEST_NAME,
  );
}

function eventObject(event: CanonicalEvent, context: Context): Record<string, unknown> {
  const name = eventName(event, context);
  return {
    ...whoAndWhere(event, context.settings),
    name,
    time: timeOf(event, context),
    properties: isRecommended(name) ? recommendedProperties(name, event) : customProperties(event),
  };
}

function orderOf(event: CanonicalEvent, context: Context): Record<string, unknown>[] {
  const common = { ...whoAndWhere(event, context.settings), time: timeOf(event, context) };
  return purchaseObjects(event).map((object) => ({ ...common, ...object }));
}

function attributesOf(event: CanonicalEvent, settings: BrazeSettings): Record<string, unknown>[] {
  const attributes = profileAttributes(event, settings);
  return attributes === undefined ? [] : [attributes];
}

function whoAndWhere(event: CanonicalEvent, settings: BrazeSettings): Record<string, unknown> {
  const app = settings.appId === undefined ? {} : { app_id: settings.appId };
  return { ...identifierOf(event, settings), ...app };
}

/** Senders' clocks run ahead. */
function timeOf({ event_time }: CanonicalEvent, { now }: Context): string {
  return new Date(Math.min(event_time, now)).toISOString();
}
