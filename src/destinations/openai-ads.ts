import { tokenProblem } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  type DestinationRequest,
  defineDestination,
  type Identifier,
  OWN_NAME,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { byDefault, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./openai-ads/answer.ts";
import { conversionEvent, sourceUrl } from "./openai-ads/event.ts";
import { eventTypeOf, RESERVED_NAMES } from "./openai-ads/event-type.ts";
import { adClick, userData } from "./openai-ads/user-data.ts";

interface OpenAiAdsSettings {
  /** Pixel id, from the Conversions tab of Ads Manager. */
  pixelId: string;
  /** Name under which OpenAI sees where events come from. */
  integrationSource?: string | undefined;
}

type Context = DeliveryContext<OpenAiAdsSettings>;

/** OpenAI Ads Conversions API. https://developers.openai.com/ads/conversions-api */
export const openaiAds: Destination<OpenAiAdsSettings> = defineDestination({
  id: "openai-ads",
  name: "OpenAI Ads",
  settings: settingsFrom<OpenAiAdsSettings>({
    pixelId: text("must be the Pixel id of Ads Manager's Conversions tab", (id) => /^[\w-]{3,100}$/.test(id)),
    integrationSource: byDefault(
      text("must be 1 to 64 letters, digits, dots, underscores or dashes", (name) => /^[\w.-]{1,64}$/.test(name)),
      undefined,
    ),
  }),
  catalogue: {
    status: "beta",
    dedup: "event type + event id; no window published, taken for 7 days",
    maxAge: "7 days",
    testMode: "`validate_only`",
    consentFields: "`opt_out`",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform.",
      identifiers: [],
      docs: "https://developers.openai.com/ads/conversions-api",
    },
    consentRule: {
      because: "`opt_out` keeps an event out of personalisation, and is no consent for what may not be sent.",
    },
    docs: "https://developers.openai.com/ads/conversions-api",
  },
  credentials: ["apiKey"],
  limits: {
    // 1,000 are taken. One bad event fails all, so that a smaller request costs fewer neighbours.
    batchSize: 100,
    // Not published; what another sender keeps to.
    bodyBytes: 4_000_000,
    maxAgeMs: () => 7 * DAY_MS,
    timeoutMs: 10_000,
    batchFailure: "whole",
  },
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited"],
  // What has no type of its own is `custom` under its name. There is no way to take an order back: refunds stay here.
  eventNames: {
    page_view: "page_viewed",
    view_item: "contents_viewed",
    view_item_list: OWN_NAME,
    search: OWN_NAME,
    add_to_cart: "items_added",
    remove_from_cart: OWN_NAME,
    view_cart: OWN_NAME,
    add_to_wishlist: OWN_NAME,
    begin_checkout: "checkout_started",
    add_shipping_info: OWN_NAME,
    add_payment_info: OWN_NAME,
    purchase: "order_created",
    lead: "lead_created",
    sign_up: "registration_completed",
    login: OWN_NAME,
    subscribe: "subscription_created",
    start_trial: "trial_started",
    contact: OWN_NAME,
    schedule: "appointment_scheduled",
    submit_application: OWN_NAME,
    custom: OWN_NAME,
  },
  eventNameProblem(name) {
    if (RESERVED_NAMES.has(name)) return "must not be a name that OpenAI keeps for itself";
    return eventTypeOf(name)?.name === name
      ? undefined
      : "must be one of OpenAI's event types, or 1 to 64 letters, digits, underscores and dashes between two of the former";
  },
  // OpenAI publishes no weights: its own click settles it, the rest follows what says most of a person.
  matchKeys: {
    click_id: 30,
    email: 30,
    phone: 15,
    browser_id: 10,
    external_id: 8,
    ip_and_user_agent: 7,
    name: 4,
    address: 3,
  },
  dedupsByEventId: true,
  needsRawContact: () => false,

  credentialProblem: tokenProblem("apiKey"),

  identifiers,

  skipReason(event, context) {
    return sharedSkipReason(event, openaiAds, context) ?? unsendable(event, context);
  },

  buildRequest(events, context) {
    const { settings, credentials, testMode, now } = context;
    return {
      method: "POST",
      url: `https://bzr.openai.com/v1/events?pid=${settings.pixelId}`,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.apiKey ?? "{apiKey}"}`,
      },
      body: JSON.stringify({
        validate_only: testMode,
        integration_source: settings.integrationSource,
        events: events.map((event) => conversionEvent(event, wireName(event, openaiAds, context) ?? "", now)),
      }),
    } satisfies DestinationRequest;
  },

  classify: (response, events) => readAnswer(response, events.length),
});

/** What OpenAI insists on. One event without it would fail every event of the request. */
function unsendable(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const type = eventTypeOf(wireName(event, openaiAds, context) ?? "");
  if (type === undefined) {
    return incomplete(
      "OpenAI takes no event of this name: give it one of letters and digits in events or customEvents",
    );
  }
  if (event.action_source === "website" && sourceUrl(event) === undefined) {
    return incomplete(
      "OpenAI refuses website events without an http(s) page.url: send the page's address, or the action_source where it happened",
    );
  }
  return type.name === "order_created" ? noPurchase(event) : undefined;
}

function identifiers(event: CanonicalEvent): ReadonlySet<Identifier> {
  const data = userData(event);
  const sent: Partial<Record<Identifier, unknown>> = {
    email: data.emails_sha256,
    phone: data.phone_numbers_sha256,
    external_id: data.external_ids_sha256,
    click_id: adClick(event),
    browser_id: data.obref ?? data.android_advertising_id,
    ip_and_user_agent: data.ip_address && data.user_agent,
    name: data.first_names_sha256 ?? data.last_names_sha256,
    address: data.countries ?? data.cities ?? data.regions ?? data.postal_codes,
  };
  return identifiersWithValue(sent);
}
