import {
  type DeliveryContext,
  type Destination,
  defineDestination,
  type Identifier,
  OWN_NAME,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import type { CanonicalEvent, Item } from "../core/event.ts";
import { ruleFor } from "../core/event-rules.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { absolute, moneyToNumber } from "../core/money.ts";
import { withoutAddresses } from "../core/page-url.ts";
import { cutText } from "../core/sender-properties.ts";
import { byDefault, flag, oneOf, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./klaviyo/answer.ts";
import { isSomebody, profile } from "./klaviyo/profile.ts";
import { eventProperties, productProperties, rowTotal } from "./klaviyo/properties.ts";
import { DEFAULT_REVISION, isRevision, revisionEnd, revisionWarning } from "./klaviyo/revision.ts";

interface KlaviyoSettings {
  /** API revision, `YYYY-MM-DD`; each is served for two years. */
  revision: string;
  /**
   * `own` puts "TrackLayer " before every metric's name, so that nothing counts twice beside Klaviyo's own integration
   * with the shop; `klaviyo` takes the names that its flows and reports are made for.
   */
  metricNames: "own" | "klaviyo";
  /** Send an "Ordered Product" for every item of a purchase, in one bulk job with the order itself. */
  orderedProducts: boolean;
}

type Context = DeliveryContext<KlaviyoSettings>;

const HOST = "https://a.klaviyo.com";
const JSON_API = "application/vnd.api+json";
const OWN_PREFIX = "TrackLayer ";
/** Klaviyo takes names of less than 128 characters. */
const LONGEST_NAME = 127;
/** "After 2000", say the limitations that https://developers.klaviyo.com/en/reference/events_api_overview lists. */
const EARLIEST = Date.UTC(2001, 0, 1);

/** Klaviyo Events API. https://developers.klaviyo.com/en/reference/events_api_overview */
export const klaviyo: Destination<KlaviyoSettings> = defineDestination({
  id: "klaviyo",
  name: "Klaviyo",
  settings: settingsFrom<KlaviyoSettings>({
    revision: byDefault(text("must be the date of a revision, such as 2026-07-15", isRevision), DEFAULT_REVISION),
    metricNames: byDefault(oneOf(["own", "klaviyo"]), "own"),
    orderedProducts: byDefault(flag, false),
  }),
  catalogue: {
    status: "stable",
    dedup: "profile + metric + event id (`unique_id`), for good",
    maxAge: "none",
    deletion: {
      by: "api",
      how: "`POST /api/data-privacy-deletion-jobs`, one identifier a request, 3 a second and 60 a minute, with the scope `data-privacy:write`; it runs afterwards and deletes every profile that matches.",
      identifiers: ["e-mail", "phone (E.164)", "profile id"],
      docs: "https://developers.klaviyo.com/en/reference/request_profile_deletion",
    },
    consentRule: {
      because:
        "What people did is kept with their profile; whether they may be written to is their subscription there.",
    },
    docs: "https://developers.klaviyo.com/en/reference/events_api_overview",
  },
  credentials: ["apiKey"],
  limits: {
    // The endpoint for one event takes 3,500 requests a minute; the one for many takes 150 jobs, and fails all of a job
    // over one bad event.
    batchSize: 1,
    bodyBytes: 5_000_000,
    // What ends the attempts is the lane's retry window; see also EARLIEST.
    maxAgeMs: () => Number.POSITIVE_INFINITY,
    timeoutMs: 10_000,
    batchFailure: "per_event",
  },
  // What people did is kept with their profile, which is what this purpose is about. Whether they may be written to is
  // decided in Klaviyo by their subscription, which events never change.
  consent: ["analytics_storage"],
  // Klaviyo's own tag counts visits ("Active on Site"): page_view is sent only where the config names it.
  eventNames: {
    view_item: own("Viewed Product"),
    view_item_list: own("Viewed Collection"),
    search: own("Submitted Search"),
    add_to_cart: own("Added to Cart"),
    remove_from_cart: own("Removed from Cart"),
    view_cart: own("Viewed Cart"),
    add_to_wishlist: own("Added to Wishlist"),
    begin_checkout: own("Started Checkout"),
    add_shipping_info: own("Added Shipping Info"),
    add_payment_info: own("Added Payment Info"),
    purchase: own("Placed Order"),
    refund: own("Refunded Order"),
    lead: own("Submitted Lead"),
    sign_up: own("Signed Up"),
    login: own("Logged In"),
    subscribe: own("Started Subscription"),
    start_trial: own("Started Trial"),
    contact: own("Requested Contact"),
    schedule: own("Scheduled Appointment"),
    submit_application: own("Submitted Application"),
    custom: OWN_NAME,
  },
  eventNameProblem: (name) =>
    name.trim() !== "" && name.length <= LONGEST_NAME ? undefined : `must have 1 to ${LONGEST_NAME} characters`,
  // No weights are published. Klaviyo looks for the profile in this order: e-mail, phone, external id, then the cookie.
  matchKeys: { email: 60, phone: 20, external_id: 15, click_id: 5 },
  dedupsByEventId: true,
  firstParty: true,
  needsRawContact: () => true,

  credentialProblem({ apiKey = "" }) {
    if (/^[A-Za-z0-9]{6}$/.test(apiKey)) return "apiKey is the public key (site id): a private key is needed";
    return /^pk_[\x21-\x7e]+$/.test(apiKey) ? undefined : "apiKey must be a private key, which begins with pk_";
  },

  versionEnd: ({ revision }) => revisionEnd(revision),
  warnings(settings, now) {
    const warning = revisionWarning(settings.revision, now);
    return warning === undefined ? [] : [warning];
  },

  identifiers: identifiersOf,

  skipReason(event, context) {
    return sharedSkipReason(event, klaviyo, context) ?? missingFields(event);
  },

  buildRequest(events, context) {
    const [event] = events;
    if (event === undefined || events.length > 1) throw new RangeError("a request to Klaviyo speaks of one event");
    const products = orderedProducts(event, context);
    const isJob = products.length > 0;
    return {
      method: "POST",
      url: isJob ? `${HOST}/api/event-bulk-create-jobs` : `${HOST}/api/events`,
      headers: {
        authorization: `Klaviyo-API-Key ${context.credentials.apiKey ?? "{apiKey}"}`,
        revision: context.settings.revision,
        accept: JSON_API,
        "content-type": JSON_API,
      },
      body: JSON.stringify({ data: isJob ? bulkJob(event, products, context) : singleEvent(event, context) }),
    };
  },

  classify(response, events) {
    const outcome = readAnswer(response);
    return events.map(() => outcome);
  },
});

function missingFields(event: CanonicalEvent): SkipReason | undefined {
  if (event.event_time < EARLIEST) return { code: "too_old", detail: "Klaviyo takes no event from before 2001" };
  return isSomebody(profile(event))
    ? undefined
    : incomplete("Klaviyo needs an e-mail, a phone number, user.user_id or user.anonymous_id; a hash is none of them");
}

function singleEvent(event: CanonicalEvent, context: Context): Record<string, unknown> {
  const attributes = { ...eventAttributes(event, context), profile: profileResource(event) };
  return { type: "event", attributes };
}

/** One job for one purchase: the order, then its products, all of the same profile and time. */
function bulkJob(event: CanonicalEvent, products: readonly Item[], context: Context): Record<string, unknown> {
  const attributes = [
    eventAttributes(event, context),
    ...products.map((item, index) => productAttributes(event, item, index, context)),
  ];
  const entry = {
    type: "event-bulk-create",
    attributes: {
      profile: profileResource(event),
      events: { data: attributes.map((each) => ({ type: "event", attributes: each })) },
    },
  };
  return { type: "event-bulk-create-job", attributes: { "events-bulk-create": { data: [entry] } } };
}

function eventAttributes(event: CanonicalEvent, context: Context): Record<string, unknown> {
  const value = event.event_name === "refund" && event.value !== undefined ? absolute(event.value) : event.value;
  return {
    properties: eventProperties(event),
    time: seconds(event, context),
    ...money(value === undefined ? undefined : moneyToNumber(value), event),
    // Without it Klaviyo takes the second: two orders of one person in one second would be one.
    unique_id: event.event_id,
    metric: metric(metricName(event, context)),
  };
}

function productAttributes(event: CanonicalEvent, item: Item, index: number, context: Context) {
  return {
    properties: productProperties(event, item),
    time: seconds(event, context),
    ...money(rowTotal(item), event),
    // By place: one order may hold the same product twice, and one repeated id fails the job.
    unique_id: `${event.event_id}-item-${index + 1}`,
    metric: metric(chosen(own("Ordered Product"), context)),
  };
}

// Without a currency Klaviyo takes the account's.
function money(value: number | undefined, { currency }: CanonicalEvent): Record<string, unknown> {
  if (value === undefined) return {};
  return { value, ...(currency === undefined ? {} : { value_currency: currency.toUpperCase() }) };
}

/** Items that say what was ordered, when the lane wants them one by one. */
function orderedProducts({ event_name, items = [] }: CanonicalEvent, { settings }: Context): Item[] {
  if (!settings.orderedProducts || event_name !== "purchase") return [];
  return items.filter(({ id, name }) => Boolean(id?.trim() || name?.trim()));
}

/** Klaviyo cuts times to the second. Senders' clocks run ahead. */
function seconds({ event_time }: CanonicalEvent, { now }: Context): string {
  return `${new Date(Math.min(event_time, now)).toISOString().slice(0, 19)}Z`;
}

/** Only our names have two forms: what the config or the sender calls an event, it is called. */
function metricName(event: CanonicalEvent, context: Context): string {
  const name = wireName(event, klaviyo, context) ?? "";
  const isOurs = event.event_name !== "custom" && ruleFor(event, context)?.name === undefined;
  return isOurs ? chosen(name, context) : cutText(withoutAddresses(name), LONGEST_NAME);
}

function own(name: string): string {
  return OWN_PREFIX + name;
}

/** One of our names in the form that the lane chose. */
function chosen(name: string, { settings }: Context): string {
  return settings.metricNames === "own" ? name : name.slice(OWN_PREFIX.length);
}

function metric(name: string): Record<string, unknown> {
  return { data: { type: "metric", attributes: { name } } };
}

function profileResource(event: CanonicalEvent): Record<string, unknown> {
  return { data: { type: "profile", attributes: profile(event) } };
}

function identifiersOf(event: CanonicalEvent): ReadonlySet<Identifier> {
  const sent = profile(event);
  const found: Partial<Record<Identifier, unknown>> = {
    email: sent.email,
    phone: sent.phone_number,
    external_id: sent.external_id ?? sent.anonymous_id,
    click_id: sent._kx,
    name: sent.first_name ?? sent.last_name,
    address: sent.location?.address1 ?? sent.location?.city ?? sent.location?.zip ?? sent.location?.country,
  };
  return identifiersWithValue(found);
}
