import { isVisibleAscii } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  defineDestination,
  OWN_NAME,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { ruleFor } from "../core/event-rules.ts";
import { withoutAddresses } from "../core/page-url.ts";
import { cutBytes } from "../core/sender-properties.ts";
import { incomplete, sharedSkipReason } from "../core/skip-checks.ts";
import { type Places, readAnswer } from "./customer-io/answer.ts";
import { eventAttributes, pageName } from "./customer-io/attributes.ts";
import { identifiersOf, profileAttributes, sentIdentifiers } from "./customer-io/person.ts";
import { type CustomerIoSettings, customerIoSettings, TRACK_HOSTS } from "./customer-io/settings.ts";
import { eventUlid } from "./customer-io/ulid.ts";

type Context = DeliveryContext<CustomerIoSettings>;
type Entry = Record<string, unknown>;

const LONGEST_NAME_BYTES = 100;

/** Customer.io Track API, second version. https://docs.customer.io/api/track/#tag/track_v2 */
export const customerIo: Destination<CustomerIoSettings> = defineDestination({
  id: "customer-io",
  name: "Customer.io",
  settings: customerIoSettings,
  catalogue: {
    status: "stable",
    dedup: "event id as ULID; no window published",
    maxAge: "none",
    deletion: {
      by: "api",
      how: "`DELETE /api/v1/customers/{identifier}` removes the person; `POST /api/v1/customers/{identifier}/suppress` also keeps whatever is sent later from making the person anew.",
      identifiers: ["id", "e-mail", "`cio_id`, written `cio_<id>`"],
      docs: "https://docs.customer.io/journeys/deleting-users/",
    },
    consentRule: {
      because:
        "What people did is kept with their profile; whether they may be written to is their subscription there.",
    },
    docs: "https://docs.customer.io/api/track/",
  },
  credentials: ["siteId", "apiKey"],
  limits: {
    // Only bytes are limited; so many ordinary events fit.
    batchSize: 100,
    bodyBytes: 500_000,
    maxAgeMs: () => Number.POSITIVE_INFINITY,
    timeoutMs: 10_000,
    // A 400 is for the whole batch; copies are ignored, so that halves of it may be sent again. A 207 names its entries.
    batchFailure: "whole",
    rowsInSuccess: true,
  },
  // What people did is kept with their profile, which is what this purpose is about. Whether they may be written to is
  // decided in Customer.io by their subscription, which events never change.
  consent: ["analytics_storage"],
  // Segment's names: what Customer.io's own templates and recipes are made for.
  eventNames: {
    page_view: "page",
    view_item: "Product Viewed",
    view_item_list: "Product List Viewed",
    search: "Products Searched",
    add_to_cart: "Product Added",
    remove_from_cart: "Product Removed",
    view_cart: "Cart Viewed",
    add_to_wishlist: "Product Added to Wishlist",
    begin_checkout: "Checkout Started",
    add_shipping_info: "Shipping Info Entered",
    add_payment_info: "Payment Info Entered",
    purchase: "Order Completed",
    refund: "Order Refunded",
    lead: "Lead Generated",
    sign_up: "Signed Up",
    login: "Signed In",
    subscribe: "Subscription Started",
    start_trial: "Trial Started",
    contact: "Contact Requested",
    schedule: "Appointment Scheduled",
    submit_application: "Application Submitted",
    custom: OWN_NAME,
  },
  eventNameProblem: (name) =>
    name.trim() !== "" && Buffer.byteLength(name) <= LONGEST_NAME_BYTES
      ? undefined
      : `must have 1 to ${LONGEST_NAME_BYTES} bytes`,
  // No weights are published: a person is found by one identifier, by default in this order.
  matchKeys: { external_id: 80, email: 15, phone: 5 },
  dedupsByEventId: true,
  firstParty: true,
  needsRawContact: () => true,

  credentialProblem({ siteId = "", apiKey = "" }) {
    if (!isVisibleAscii(siteId) || siteId.includes(":")) return "siteId must be a site id, without spaces and colons";
    return isVisibleAscii(apiKey) ? undefined : "apiKey must be a Track API key, without spaces";
  },

  identifiers: (event, { settings }) => sentIdentifiers(event, settings),

  skipReason(event, context) {
    return sharedSkipReason(event, customerIo, context) ?? missingFields(event, context);
  },

  buildRequest(events, context) {
    const { settings, credentials } = context;
    const { siteId = "{siteId}", apiKey = "{apiKey}" } = credentials;
    return {
      method: "POST",
      url: `https://${TRACK_HOSTS[settings.region]}/api/v2/batch`,
      headers: {
        authorization: `Basic ${Buffer.from(`${siteId}:${apiKey}`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ batch: events.flatMap((event) => entriesOf(event, context)) }),
    };
  },

  classify: (response, events, context) => readAnswer(response, placesOf(events, context)),
});

function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const { identifyBy } = context.settings;
  if (event.event_time < DAY_MS) return { code: "too_old", detail: "Customer.io takes no event from before 1970" };
  if (identifiersOf(event, context.settings) === undefined) {
    return incomplete(`Customer.io needs one of ${identifyBy.join(", ")}, in clear and of at most 150 bytes`);
  }
  return nameOf(event, context) === ""
    ? incomplete("Customer.io needs a name, and for page views the page")
    : undefined;
}

/** The person first: what the event sets off may ask for what the profile says. */
function entriesOf(event: CanonicalEvent, context: Context): Entry[] {
  const { settings, now } = context;
  // Senders' clocks run ahead.
  const timestamp = Math.floor(Math.min(event.event_time, now) / 1000);
  const person = { type: "person", identifiers: identifiersOf(event, settings) };
  const profile = profileAttributes(event, settings);
  const happened = {
    ...person,
    action: actionOf(event, context),
    name: nameOf(event, context),
    id: eventUlid(event),
    timestamp,
    attributes: eventAttributes(event),
  };
  return profile === undefined
    ? [happened]
    : [{ ...person, action: "identify", timestamp, attributes: profile }, happened];
}

/** Without the context of the request nothing is known of profiles: every event is then taken for one entry. */
function placesOf(events: readonly CanonicalEvent[], context: Context | undefined): Places[] {
  let next = 0;
  return events.map((event) => {
    const hasProfile = context !== undefined && profileAttributes(event, context.settings) !== undefined;
    const place = hasProfile ? { profile: next, event: next + 1 } : { event: next };
    next = place.event + 1;
    return place;
  });
}

/** Page views are an action of their own, unless the config gives them a name. */
function isView(event: CanonicalEvent, context: Context): boolean {
  return event.event_name === "page_view" && ruleFor(event, context)?.name === undefined;
}

function actionOf(event: CanonicalEvent, context: Context): string {
  if (!isView(event, context)) return "event";
  return event.action_source === "app" ? "screen" : "page";
}

function nameOf(event: CanonicalEvent, context: Context): string {
  const name = isView(event, context) ? pageName(event) : wireName(event, customerIo, context);
  return cutBytes(withoutAddresses(name ?? "").trim(), LONGEST_NAME_BYTES).trimEnd();
}
