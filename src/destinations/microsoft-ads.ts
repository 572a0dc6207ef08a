import { tokenProblem } from "../core/credential-form.ts";
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
import { isNegative } from "../core/money.ts";
import { webUrl, withoutAddresses } from "../core/page-url.ts";
import { byDefault, flag, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, sharedSkipReason } from "../core/skip-checks.ts";
import { TCF_VENDORS } from "../core/tcf-vendors.ts";
import { readAnswer } from "./microsoft-ads/answer.ts";
import { customData } from "./microsoft-ads/custom-data.ts";
import { adStorageConsent, identifiersIn, isIdentified, userData } from "./microsoft-ads/user-data.ts";

interface MicrosoftAdsSettings {
  /** Id of the UET tag, digits. */
  tagId: string;
  /** Whether the user id leaves as its SHA-256; must be what the browser's tag and ID sync give as `uid`. */
  hashExternalId: boolean;
  /** What Microsoft is told of who sends. */
  dataProvider: string;
}

type Context = DeliveryContext<MicrosoftAdsSettings>;

/** The name of an event that is sent as a page load, which has a type of its own and no name. */
const PAGE_LOAD = "pageLoad";

/** Microsoft Advertising, UET Conversions API. https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration */
export const microsoftAds: Destination<MicrosoftAdsSettings> = defineDestination({
  id: "microsoft-ads",
  name: "Microsoft Ads",
  settings: settingsFrom<MicrosoftAdsSettings>({
    tagId: text("must be the id of the UET tag, digits as text", (id) => /^\d{4,20}$/.test(id)),
    hashExternalId: byDefault(flag, true),
    dataProvider: byDefault(
      text("must be a short name", (name) => /^[\w .-]{1,50}$/.test(name)),
      "tracklayer",
    ),
  }),
  catalogue: {
    status: "stable",
    dedup: "UET tag + event name + `eventId`; window not published",
    maxAge: "7 days",
    consentFields: "`adStorageConsent`",
    deletion: {
      by: "expiry",
      how: "What Universal Event Tracking collects is kept for 390 days; no way to delete one person's earlier is documented.",
      identifiers: [],
      afterDays: 390,
      docs: "https://help.ads.microsoft.com/apex/index/3/en/53056",
    },
    consentRule: {
      because: "`adStorageConsent` D is the field for any refusal; such events go with nothing but their own click id.",
    },
    docs: "https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration",
  },
  credentials: ["apiToken"],
  limits: {
    batchSize: 1000,
    // Not published; what another sender keeps to.
    bodyBytes: 1_000_000,
    maxAgeMs: () => 7 * DAY_MS,
    timeoutMs: 10_000,
    // Bad events are answered row by row, as `continueOnValidationError` asks; what Microsoft cannot read at all still
    // costs the whole request.
    batchFailure: "whole",
  },
  // A refusal is passed on as `adStorageConsent` D, and then nothing of the person leaves but Microsoft's own click id.
  tcfVendorId: TCF_VENDORS.microsoft,
  consent: [],
  whenDenied: { ad_storage: "limited", ad_user_data: "limited", ad_personalization: "limited" },
  takesPartial: ["limited"],
  // Microsoft takes any name: a goal's "action" has to equal it. Refunds are taken by another API only.
  eventNames: {
    page_view: PAGE_LOAD,
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
    lead: "submit_lead_form",
    sign_up: "signup",
    login: OWN_NAME,
    subscribe: OWN_NAME,
    start_trial: OWN_NAME,
    contact: OWN_NAME,
    schedule: "book_appointment",
    submit_application: OWN_NAME,
    custom: OWN_NAME,
  },
  // Microsoft publishes no weights. A click settles it; its own browser id and hashed contacts follow.
  matchKeys: { click_id: 40, email: 20, browser_id: 15, phone: 10, external_id: 10, ip_and_user_agent: 5 },
  dedupsByEventId: true,
  needsRawContact: () => false,

  credentialProblem: tokenProblem("apiToken"),

  identifiers: (event, { settings }) => identifiersIn(userData(event, settings.hashExternalId)),

  skipReason(event, context) {
    return sharedSkipReason(event, microsoftAds, context) ?? nobody(event, context) ?? missingFields(event, context);
  },

  buildRequest(events, context) {
    const { settings, credentials } = context;
    return {
      method: "POST",
      url: `https://capi.uet.microsoft.com/v1/${settings.tagId}/events`,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.apiToken ?? "{apiToken}"}`,
      },
      body: JSON.stringify({
        data: events.map((event) => serverEvent(event, context)),
        dataProvider: settings.dataProvider,
        continueOnValidationError: true,
      }),
    };
  },

  classify: (response, events) => readAnswer(response, events.length),
});

function nobody(event: CanonicalEvent, { settings }: Context): SkipReason | undefined {
  if (isIdentified(userData(event, settings.hashExternalId))) return undefined;
  if (adStorageConsent(event) === "D") {
    const detail = "ads consent is denied or use limited, and the event has no msclkid of its own to go by";
    return { code: "consent", detail };
  }
  return incomplete("Microsoft needs an e-mail, a phone, a user id, a msclkid, a _uetvid or an advertising id");
}

function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  if (event.value !== undefined && isNegative(event.value)) {
    return incomplete("Microsoft takes no negative value, and cannot take a conversion back here");
  }
  return wireName(event, microsoftAds, context) === PAGE_LOAD && webUrl(event.page?.url) === undefined
    ? incomplete("Microsoft refuses page loads without an http(s) page.url: send the page's address")
    : undefined;
}

function serverEvent(event: CanonicalEvent, context: Context): Record<string, unknown> {
  const { page } = event;
  const name = withoutAddresses(wireName(event, microsoftAds, context) ?? "");
  const isPageLoad = name === PAGE_LOAD;
  const [url, referrer] = [address(page?.url), address(page?.referrer)];
  const consent = adStorageConsent(event);
  const custom = isPageLoad ? undefined : customData(event);
  return {
    ...(isPageLoad ? { eventType: "pageLoad" } : { eventType: "custom", eventName: name }),
    eventId: event.event_id,
    // Seconds. Senders' clocks run ahead.
    eventTime: Math.floor(Math.min(event.event_time, context.now) / 1000),
    ...(url === undefined ? {} : { eventSourceUrl: url }),
    ...(referrer === undefined ? {} : { referrerUrl: referrer }),
    ...(page?.title ? { pageTitle: withoutAddresses(page.title) } : {}),
    ...(consent === undefined ? {} : { adStorageConsent: consent }),
    userData: userData(event, context.settings.hashExternalId),
    ...(custom === undefined ? {} : { customData: custom }),
  };
}

function address(url: string | undefined): string | undefined {
  const web = webUrl(url);
  return web === undefined ? undefined : withoutAddresses(web);
}
