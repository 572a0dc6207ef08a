import {
  type DeliveryContext,
  type Destination,
  type DestinationRequest,
  defineDestination,
  type Identifier,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { ActionSource, CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { webUrl, withoutAddresses } from "../core/page-url.ts";
import { incomplete, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./snapchat/answer.ts";
import { appData } from "./snapchat/app-data.ts";
import { customData } from "./snapchat/custom-data.ts";
import { dataProcessing } from "./snapchat/data-processing.ts";
import { type SnapchatSettings, snapchatSettings } from "./snapchat/settings.ts";
import { isMatchable, type SnapUserData, userData } from "./snapchat/user-data.ts";

type Context = DeliveryContext<SnapchatSettings>;

/** All that Snapchat knows; of an advertiser's own there are five slots. */
const EVENT_NAMES: ReadonlySet<string> = new Set(
  `PURCHASE SAVE START_CHECKOUT ADD_CART VIEW_CONTENT ADD_BILLING SIGN_UP SEARCH PAGE_VIEW SUBSCRIBE AD_CLICK AD_VIEW
  COMPLETE_TUTORIAL LEVEL_COMPLETE INVITE LOGIN SHARE RESERVE ACHIEVEMENT_UNLOCKED ADD_TO_WISHLIST SPENT_CREDITS RATE
  START_TRIAL LIST_VIEW APP_INSTALL APP_OPEN CUSTOM_EVENT_1 CUSTOM_EVENT_2 CUSTOM_EVENT_3 CUSTOM_EVENT_4
  CUSTOM_EVENT_5`.split(/\s+/),
);

/** Snapchat Conversions API v3. https://developers.snap.com/api/marketing-api/Conversions-API/Introduction */
export const snapchat: Destination<SnapchatSettings> = defineDestination({
  id: "snapchat",
  name: "Snapchat",
  settings: snapchatSettings,
  catalogue: {
    status: "stable",
    dedup: "event id, 48 h; purchases also by order id",
    maxAge: "37 days",
    testMode: "`/events/validate`",
    consentFields: "`data_processing_options`",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform.",
      identifiers: [],
      docs: "https://businesshelp.snapchat.com/articles/en_US/Knowledge/snap-privacy-faq",
    },
    consentRule: { because: "`data_processing_options` limit what Snapchat does with an event." },
    docs: "https://developers.snap.com/api/marketing-api/Conversions-API/Introduction",
  },
  credentials: ["accessToken"],
  limits: {
    batchSize: 2000,
    // Not published; what another sender keeps to.
    bodyBytes: 2_000_000,
    maxAgeMs: () => 37 * DAY_MS,
    timeoutMs: 10_000,
    // Not published. An answer to a live request speaks of the request, so it is taken for all of its events.
    batchFailure: "whole",
  },
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited"],
  eventNames: {
    page_view: "PAGE_VIEW",
    view_item: "VIEW_CONTENT",
    view_item_list: "LIST_VIEW",
    search: "SEARCH",
    add_to_cart: "ADD_CART",
    add_to_wishlist: "ADD_TO_WISHLIST",
    begin_checkout: "START_CHECKOUT",
    add_payment_info: "ADD_BILLING",
    purchase: "PURCHASE",
    sign_up: "SIGN_UP",
    login: "LOGIN",
    subscribe: "SUBSCRIBE",
    start_trial: "START_TRIAL",
    // Snapchat has no names for these. A lead is no sign-up: counted as one, it would inflate those.
    lead: "CUSTOM_EVENT_1",
    contact: "CUSTOM_EVENT_2",
    submit_application: "CUSTOM_EVENT_3",
    schedule: "CUSTOM_EVENT_4",
    refund: "CUSTOM_EVENT_5",
  },
  eventNameProblem: (name) => (EVENT_NAMES.has(name) ? undefined : `must be one of ${[...EVENT_NAMES].join(", ")}`),
  // Snapchat names what its event quality score looks at, without weights; the order follows what says most of a person.
  matchKeys: {
    email: 30,
    phone: 20,
    click_id: 20,
    browser_id: 10,
    external_id: 8,
    ip_and_user_agent: 8,
    name: 4,
    address: 3,
    date_of_birth: 2,
    gender: 1,
  },
  dedupsByEventId: true,
  needsRawContact: () => false,

  // The token travels in the address, where other characters would have to be encoded and could be cut off.
  credentialProblem: ({ accessToken = "" }) =>
    /^[\w.~=/-]+$/.test(accessToken) ? undefined : "accessToken is empty or holds characters no token has",

  identifiers: (event) => identifiersIn(userData(event)),

  skipReason(event, context) {
    return sharedSkipReason(event, snapchat, context) ?? missingAsset(event, context) ?? missingFields(event, context);
  },

  // Pixel and app are addresses of their own.
  batchKey: (event) => (event.action_source === "app" ? "app" : "pixel"),

  buildRequest(events, context) {
    const { settings, credentials, testMode } = context;
    const [first] = events;
    const asset = first === undefined ? undefined : assetOf(first, settings);
    return {
      method: "POST",
      url: `https://tr.snapchat.com/v3/${asset}/events${testMode ? "/validate" : ""}?access_token=${credentials.accessToken ?? "{accessToken}"}`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ data: events.map((event) => serverEvent(event, context)) }),
    } satisfies DestinationRequest;
  },

  classify: (response, events) => readAnswer(response, events.length),
});

function assetOf({ action_source }: CanonicalEvent, { pixelId, snapAppId }: SnapchatSettings): string | undefined {
  return action_source === "app" ? snapAppId : pixelId;
}

function missingAsset(event: CanonicalEvent, { settings }: Context): SkipReason | undefined {
  if (assetOf(event, settings) !== undefined) return undefined;
  const detail =
    event.action_source === "app"
      ? "events of apps go to a Snap App: set settings.snapAppId"
      : "events of websites and offline ones go to a Snap Pixel: set settings.pixelId";
  return { code: "not_configured", detail };
}

/** What Snapchat insists on. Its answer to one such event may cost every event of the request. */
function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  if (event.action_source === "website" && webUrl(event.page?.url) === undefined) {
    return incomplete(
      "Snapchat refuses website events without an http(s) page.url: send the page's address, or the action_source where it happened",
    );
  }
  if (event.action_source === "app" && appData(event, context.settings.iosAppId) === undefined) {
    return incomplete("Snapchat refuses app events without app.platform and device.os_version");
  }
  return (
    missingMoney(event, context) ??
    (isMatchable(userData(event))
      ? undefined
      : incomplete(
          "Snapchat needs an e-mail, a phone, an advertising id, or a public user.ip together with user.user_agent",
        ))
  );
}

// By the name that Snapchat gets: settings may call anything a PURCHASE.
function missingMoney(event: CanonicalEvent, context: Context): SkipReason | undefined {
  if (wireName(event, snapchat, context) !== "PURCHASE") return undefined;
  if (event.value === undefined || event.currency === undefined) {
    return incomplete("Snapchat refuses purchases without value and currency");
  }
  return noPurchase(event);
}

function serverEvent(event: CanonicalEvent, context: Context): Record<string, unknown> {
  const name = wireName(event, snapchat, context) ?? "";
  const { settings, now } = context;
  return {
    event_name: name,
    // Seconds. Senders' clocks run ahead, and a time out of range is refused.
    event_time: Math.floor(Math.min(event.event_time, now) / 1000),
    event_id: event.event_id,
    action_source: ACTION_SOURCES[event.action_source] ?? "OFFLINE",
    event_source_url: sourceUrl(event),
    user_data: userData(event),
    custom_data: customData(event, name),
    app_data: event.action_source === "app" ? appData(event, settings.iosAppId) : undefined,
    ...dataProcessing(event, settings.dataProcessingOption),
  };
}

/** Snapchat reports three kinds of conversions: whatever is neither a website's nor an app's happened offline. */
const ACTION_SOURCES: Readonly<Partial<Record<ActionSource, string>>> = { website: "WEB", app: "MOBILE_APP" };

function sourceUrl({ action_source, page }: CanonicalEvent): string | undefined {
  const url = action_source === "website" ? webUrl(page?.url) : undefined;
  return url === undefined ? undefined : withoutAddresses(url);
}

function identifiersIn(data: SnapUserData): ReadonlySet<Identifier> {
  const sent: Record<Identifier, unknown> = {
    email: data.em,
    phone: data.ph,
    external_id: data.external_id,
    click_id: data.sc_click_id,
    browser_id: data.sc_cookie1 ?? data.madid,
    ip_and_user_agent: data.client_ip_address && data.client_user_agent,
    name: data.fn ?? data.ln,
    address: data.ct ?? data.st ?? data.zp ?? data.country,
    date_of_birth: data.db,
    gender: data.ge,
  };
  return identifiersWithValue(sent);
}
