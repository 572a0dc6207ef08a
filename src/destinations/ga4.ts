import {
  type DeliveryContext,
  type Destination,
  defineDestination,
  type Identifier,
  OWN_NAME,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { HOUR_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { byDefault, flag, listOf, oneOf, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, sharedSkipReason } from "../core/skip-checks.ts";
import { TCF_VENDORS } from "../core/tcf-vendors.ts";
import { readAnswer } from "./ga4/answer.ts";
import { ga4Name, isReservedEventName } from "./ga4/event-name.ts";
import { eventParams } from "./ga4/event-params.ts";
import { clientId, person } from "./ga4/person.ts";

interface Ga4Settings {
  /** Measurement id of the web stream, such as `G-ABC1234567`. */
  measurementId: string;
  /** `eu` has the data collected in the European Union. */
  endpoint: "global" | "eu";
  /** Send hashed e-mail, phone and address; only for properties with user-provided data collection switched on. */
  userProvidedData: boolean;
  /** Send the person's IP and user agent, without which server events have no place and device in reports. */
  ipAndUserAgent: boolean;
  /**
   * What stands in for a missing GA client id: nothing, or the sender's anonymous id. With the latter, people whom the
   * browser tag also counts are counted twice; it is for properties that only servers feed.
   */
  clientIdFallback: "none" | "anonymous_id";
  /** Names of event properties to send as parameters. Never name one that holds personal data. */
  eventParameters: string[];
}

type Context = DeliveryContext<Ga4Settings>;

/** GA4 Measurement Protocol. https://developers.google.com/analytics/devguides/collection/protocol/ga4 */
export const ga4: Destination<Ga4Settings> = defineDestination({
  id: "ga4",
  name: "Google Analytics 4",
  settings: settingsFrom<Ga4Settings>({
    measurementId: text("must look like G-ABC1234567", (id) => /^G-[A-Z0-9]+$/.test(id)),
    endpoint: byDefault(oneOf(["global", "eu"]), "global"),
    userProvidedData: byDefault(flag, false),
    ipAndUserAgent: byDefault(flag, true),
    clientIdFallback: byDefault(oneOf(["none", "anonymous_id"]), "none"),
    eventParameters: byDefault(listOf(text("must be the name of a property")), []),
  }),
  catalogue: {
    status: "stable",
    dedup: "none; reports may fold a repeated transaction id",
    maxAge: "72 h",
    testMode: "debug endpoint, records nothing",
    consentFields: "`consent.ad_user_data`, `consent.ad_personalization`",
    deletion: {
      by: "api",
      how: "`POST https://analyticsadmin.googleapis.com/v1alpha/properties/{property}:submitUserDeletion`, one identifier a request, with the scope `analytics.edit`; it deletes up to the time of the request. The older User Deletion API does the same, 500 requests a day and cloud project.",
      identifiers: ["client id", "user id", "app instance id", "e-mail or phone in clear"],
      docs: "https://developers.google.com/analytics/devguides/config/admin/v1/rest/v1alpha/properties/submitUserDeletion",
    },
    consentRule: {
      because:
        "Analytics needs its own storage; refusals of ad use are passed on in `consent`, and then no hashed data is sent.",
      source: "https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference",
    },
    docs: "https://developers.google.com/analytics/devguides/collection/protocol/ga4",
  },
  credentials: ["apiSecret"],
  limits: {
    batchSize: 25,
    bodyBytes: 130_000,
    maxAgeMs: () => 72 * HOUR_MS,
    timeoutMs: 10_000,
    // The collect endpoint reports no failure; the debug endpoint judges the request as one.
    batchFailure: "whole",
  },
  tcfVendorId: TCF_VENDORS.google,
  consent: ["analytics_storage"],
  whenDenied: { ad_user_data: "limited", ad_personalization: "limited" },
  takesPartial: ["limited"],
  eventNames: {
    page_view: OWN_NAME,
    view_item: OWN_NAME,
    view_item_list: OWN_NAME,
    search: OWN_NAME,
    add_to_cart: OWN_NAME,
    remove_from_cart: OWN_NAME,
    view_cart: OWN_NAME,
    add_to_wishlist: OWN_NAME,
    begin_checkout: OWN_NAME,
    add_shipping_info: OWN_NAME,
    add_payment_info: OWN_NAME,
    purchase: OWN_NAME,
    refund: OWN_NAME,
    lead: "generate_lead",
    sign_up: OWN_NAME,
    login: OWN_NAME,
    subscribe: OWN_NAME,
    start_trial: OWN_NAME,
    contact: OWN_NAME,
    schedule: OWN_NAME,
    submit_application: OWN_NAME,
    custom: OWN_NAME,
  },
  // GA4 joins by client id, then user id; the rest only helps its ads links and its geography.
  matchKeys: { browser_id: 60, external_id: 20, ip_and_user_agent: 10, email: 6, phone: 4 },
  // There is no event id. Collapsing repeated transaction ids is a habit of its reports, not a promise.
  dedupsByEventId: false,
  needsRawContact: () => false,

  credentialProblem: ({ apiSecret = "" }) => (apiSecret.trim() === "" ? "apiSecret is empty" : undefined),

  identifiers,

  skipReason(event, context) {
    return sharedSkipReason(event, ga4, context) ?? nameProblem(event, context) ?? missingFields(event, context);
  },

  // One request speaks for one person: every event in it must carry the same ids, consent and device.
  batchKey: (event, { settings }) => JSON.stringify(person(event, settings)),

  buildRequest(events, context) {
    return {
      method: "POST",
      url: endpointUrl(context),
      headers: { "content-type": "application/json" },
      body: JSON.stringify(requestBody(events, context)),
    };
  },

  classify(response, events) {
    const outcome = readAnswer(response);
    return events.map(() => outcome);
  },
});

// The secret has to sit in the address: whoever logs or stores requests must leave the query out.
function endpointUrl({ settings, credentials, testMode }: Context): string {
  const host = settings.endpoint === "eu" ? "region1.google-analytics.com" : "www.google-analytics.com";
  const secret = encodeURIComponent(credentials.apiSecret ?? "{apiSecret}");
  return `https://${host}/${testMode ? "debug/" : ""}mp/collect?measurement_id=${settings.measurementId}&api_secret=${secret}`;
}

function requestBody(events: readonly CanonicalEvent[], context: Context): Record<string, unknown> {
  const { settings, testMode } = context;
  const [first] = events;
  if (first === undefined) throw new RangeError("a request needs an event");
  const lane = { stream: settings.measurementId.replace(/^G-/, ""), custom: settings.eventParameters };
  const isSingle = events.length === 1;
  return {
    ...person(first, settings),
    ...(isSingle ? { timestamp_micros: timestampMicros(first, context) } : {}),
    ...(testMode ? { validation_behavior: "ENFORCE_RECOMMENDATIONS" } : {}),
    events: events.map((event) => ({
      name: eventName(event, context),
      params: eventParams(event, { ...lane, isTransaction: isTransaction(event, context) }),
      ...(isSingle ? {} : { timestamp_micros: timestampMicros(event, context) }),
    })),
  };
}

function timestampMicros(event: CanonicalEvent, { now }: Context): number {
  return Math.min(event.event_time, now) * 1000;
}

function eventName(event: CanonicalEvent, context: Context): string {
  return ga4Name(wireName(event, ga4, context) ?? "");
}

/** GA4 joins by `transaction_id` what has one of these names, whatever the event is called here. */
function isTransaction(event: CanonicalEvent, context: Context): boolean {
  return ["purchase", "refund"].includes(eventName(event, context));
}

function nameProblem(event: CanonicalEvent, context: Context): SkipReason | undefined {
  // "_x" loses its underscore on the way out, and "session start" becomes a reserved name only there.
  const names = [wireName(event, ga4, context) ?? "", eventName(event, context)];
  const reserved = names.find(isReservedEventName);
  if (reserved !== undefined) {
    return {
      code: "not_configured",
      detail: `GA4 keeps the name ${reserved} for itself: give it another in events or customEvents`,
    };
  }
  return names.includes("")
    ? {
        code: "not_configured",
        detail: "the name has no letter from A to Z: give it another in events or customEvents",
      }
    : undefined;
}

function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  if (clientId(event, context.settings) === undefined) {
    return incomplete("no GA client id: an invented one would count as a new user (see clientIdFallback)");
  }
  if (eventName(event, context) === "refund" && event.order_id === undefined) {
    return incomplete("GA4 joins a refund to its purchase by order_id, which is missing");
  }
  return isTransaction(event, context) && event.value !== undefined && event.currency === undefined
    ? incomplete("a value without a currency: GA4 would count no revenue")
    : undefined;
}

function identifiers(event: CanonicalEvent, { settings }: Context): ReadonlySet<Identifier> {
  const sent = person(event, settings);
  const found: Partial<Record<Identifier, unknown>> = {
    browser_id: sent.client_id || undefined,
    external_id: sent.user_id,
    email: sent.user_data?.sha256_email_address,
    phone: sent.user_data?.sha256_phone_number,
    ip_and_user_agent: sent.ip_override && sent.user_agent,
    address: sent.user_data?.address,
  };
  return identifiersWithValue(found);
}
