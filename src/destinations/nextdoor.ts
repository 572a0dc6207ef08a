import { tokenProblem } from "../core/credential-form.ts";
import { limitsDataUse } from "../core/data-use.ts";
import {
  type DeliveryContext,
  type Destination,
  type DestinationRequest,
  defineDestination,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { webUrl, withoutAddresses } from "../core/page-url.ts";
import { present } from "../core/present.ts";
import { byDefault, flag, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./nextdoor/answer.ts";
import { appOf, custom, orderValue } from "./nextdoor/custom.ts";
import { customer, isMatchable } from "./nextdoor/customer.ts";
import { restrictedUse } from "./nextdoor/restricted-use.ts";

interface NextdoorSettings {
  /** Id of the pixel in Ads Manager, which Nextdoor calls a data source. */
  dataSourceId: string;
  /** Name of the agency or integration that sends, for Nextdoor's support. */
  partnerId?: string | undefined;
  /** Whether events help to deliver ads, or only count; Nextdoor decides when nothing is said. */
  deliveryOptimization?: boolean | undefined;
}

type Context = DeliveryContext<NextdoorSettings>;

const EVENT_NAMES: ReadonlySet<string> = new Set([
  ...`purchase lead sign_up add_to_cart initiate_checkout page_view search view_content add_to_wishlist
      subscribe`.split(/\s+/),
  ...Array.from({ length: 10 }, (_, index) => `custom_conversion_${index + 1}`),
]);

/** Nextdoor Conversions API. https://developer.nextdoor.com/reference/conversions-track */
export const nextdoor: Destination<NextdoorSettings> = defineDestination({
  id: "nextdoor",
  name: "Nextdoor",
  settings: settingsFrom<NextdoorSettings>({
    dataSourceId: text("must be the pixel's id of Ads Manager", (id) => /^[\w-]{4,100}$/.test(id)),
    partnerId: byDefault(
      text("must be 1 to 100 letters, digits, dots, underscores and dashes", (id) => /^[\w.-]{1,100}$/.test(id)),
      undefined,
    ),
    deliveryOptimization: byDefault(flag, undefined),
  }),
  catalogue: {
    status: "beta",
    dedup: "event name + event id, window not published",
    maxAge: "not published; 7 days kept to",
    testMode: "`test_event`",
    consentFields: "`restricted_data_usage`, its country and state; `delivery_optimization`",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform.",
      identifiers: [],
      docs: "https://developer.nextdoor.com/reference/conversions-track",
    },
    consentRule: {
      because: "Restricted data usage leaves an event to reports only.",
      source: "https://developer.nextdoor.com/reference/privacy-and-restricted-data-usage",
    },
    docs: "https://developer.nextdoor.com/reference/conversions-track",
  },
  credentials: ["accessToken"],
  limits: {
    // One event a call.
    batchSize: 1,
    // Not published. An event with as many products as ingest takes has less, whatever they are called.
    bodyBytes: 1_000_000,
    // Not published. As long as Nextdoor attributes to a click.
    maxAgeMs: () => 7 * DAY_MS,
    timeoutMs: 10_000,
    batchFailure: "per_event",
  },
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited"],
  // Left out on purpose: what Nextdoor has no name for. The ten custom conversions are the account's to give. It has no
  // event that takes a purchase back.
  eventNames: {
    page_view: "page_view",
    view_item: "view_content",
    search: "search",
    add_to_cart: "add_to_cart",
    add_to_wishlist: "add_to_wishlist",
    begin_checkout: "initiate_checkout",
    purchase: "purchase",
    lead: "lead",
    sign_up: "sign_up",
    subscribe: "subscribe",
  },
  eventNameProblem: (name) =>
    EVENT_NAMES.has(name) ? undefined : `must be one of Nextdoor's: ${[...EVENT_NAMES].join(", ")}`,
  // Nextdoor publishes no weights. Its members are known by address, e-mail and phone; its click settles it.
  matchKeys: {
    email: 30,
    click_id: 25,
    phone: 20,
    address: 10,
    name: 5,
    ip_and_user_agent: 5,
    external_id: 3,
    date_of_birth: 1,
    gender: 1,
  },
  dedupsByEventId: true,
  needsRawContact: () => false,

  credentialProblem: tokenProblem("accessToken"),

  identifiers(event) {
    const found = customer(event);
    return identifiersWithValue({
      email: found.email,
      phone: found.phone_number,
      external_id: found.external_id,
      click_id: found.click_id,
      ip_and_user_agent: found.client_ip_address && found.client_user_agent,
      name: found.first_name ?? found.last_name,
      address: found.street_address ?? found.city ?? found.state ?? found.zip_code ?? found.country,
      date_of_birth: found.date_of_birth,
      gender: found.gender,
    });
  },

  skipReason(event, context) {
    return sharedSkipReason(event, nextdoor, context) ?? missingFields(event, context);
  },

  buildRequest([event], context) {
    if (event === undefined) throw new RangeError("Nextdoor takes one event a request");
    return {
      method: "POST",
      url: "https://ads.nextdoor.com/v2/api/conversions/track",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${context.credentials.accessToken ?? "{accessToken}"}`,
      },
      body: JSON.stringify(conversion(event, context)),
    } satisfies DestinationRequest;
  },

  classify: (response, events) => events.map(() => readAnswer(response)),
});

/** What Nextdoor insists on. */
function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  if (!isMatchable(customer(event))) {
    return incomplete("Nextdoor needs an e-mail, a phone or the click id of its ad (ndclid)");
  }
  if (event.action_source === "website" && sourceUrl(event) === undefined) {
    return incomplete("Nextdoor needs the http(s) page.url of website events, on a domain verified in Ads Manager");
  }
  if (event.action_source === "app" && event.app === undefined) {
    return incomplete("Nextdoor wants to know the app of an app event: send app.platform and app.id");
  }
  // By the name that Nextdoor gets: settings and custom events may call anything a purchase.
  return wireName(event, nextdoor, context) === "purchase" ? (noPurchase(event) ?? missingOfSale(event)) : undefined;
}

function missingOfSale(event: CanonicalEvent): SkipReason | undefined {
  if (orderValue(event) === undefined) return incomplete("Nextdoor takes no purchase without value and currency");
  return event.action_source === "physical_store" && !event.order_id?.trim()
    ? incomplete("Nextdoor takes no purchase of a store without order_id")
    : undefined;
}

function sourceUrl({ action_source, page }: CanonicalEvent): string | undefined {
  const url = action_source === "website" ? webUrl(page?.url) : undefined;
  return url === undefined ? undefined : withoutAddresses(url);
}

function conversion(event: CanonicalEvent, context: Context) {
  const { settings, now, testMode } = context;
  return present({
    event_name: wireName(event, nextdoor, context),
    event_id: event.event_id,
    // Seconds. Senders' clocks run ahead.
    event_time_epoch: Math.floor(Math.min(event.event_time, now) / 1000),
    data_source_id: settings.dataSourceId,
    // Nextdoor's words are ours.
    action_source: event.action_source,
    action_source_url: sourceUrl(event),
    delivery_optimization: limitsDataUse(event) ? false : settings.deliveryOptimization,
    // Text, not true.
    test_event: testMode ? "true" : undefined,
    partner_id: settings.partnerId,
    ...restrictedUse(event),
    customer: customer(event),
    custom: custom(event),
    app: event.action_source === "app" ? appOf(event) : undefined,
  });
}
