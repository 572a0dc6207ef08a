import { tokenProblem } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  type DestinationRequest,
  defineDestination,
  type Identifier,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { webUrl, withoutAddresses } from "../core/page-url.ts";
import { settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./pinterest/answer.ts";
import { appInfo, deviceInfo } from "./pinterest/app-info.ts";
import { customData } from "./pinterest/custom-data.ts";
import { limitedBy, optsOut } from "./pinterest/privacy.ts";
import { qualityReadBack } from "./pinterest/quality-read-back.ts";
import { isMatchable, type PinterestUserData, userData } from "./pinterest/user-data.ts";

interface PinterestSettings {
  /** Ad account id, digits as text. */
  adAccountId: string;
}

type Context = DeliveryContext<PinterestSettings>;

/** Longest name of an event; ours, against names that are whole texts. */
const LONGEST_NAME = 100;

/** Pinterest Conversions API v5. https://developers.pinterest.com/docs/api/v5/events-create */
export const pinterest: Destination<PinterestSettings> = defineDestination({
  id: "pinterest",
  name: "Pinterest",
  settings: settingsFrom<PinterestSettings>({
    adAccountId: text("must be the ad account id, digits as text", (id) => /^\d{5,25}$/.test(id)),
  }),
  catalogue: {
    status: "stable",
    dedup: "event name + event id against the tag, window unpublished; offline events never",
    maxAge: "7 days",
    testMode: "`?test=true`, records nothing",
    consentFields: "`opt_out`, `opt_out_type`",
    deletion: {
      by: "api",
      how: "`POST /v5/ad_accounts/{ad_account_id}/conversion_deletion_requests`, in closed beta: can be taken back for 72 hours, then takes up to 30 days. Needs a token with `ads:read` and `ads:write`.",
      identifiers: ["e-mail in clear", "`epik` click id"],
      docs: "https://developer.pinterest.com/docs/track-conversions/remove-users-from-events/",
    },
    consentRule: {
      because: "`opt_out` and limited data processing keep an event out of personalised ads.",
      source: "https://developers.pinterest.com/docs/track-conversions/use-limited-data-processing-flag",
    },
    docs: "https://developers.pinterest.com/docs/api/v5/events-create",
  },
  credentials: ["accessToken"],
  limits: {
    batchSize: 1000,
    // Not published; what other senders keep to.
    bodyBytes: 2_000_000,
    // Not published; partners of Pinterest send nothing older.
    maxAgeMs: () => 7 * DAY_MS,
    timeoutMs: 10_000,
    // A wrong value fails its own row (422), a wrong form the whole request (400): that one is halved.
    batchFailure: "whole",
  },
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited"],
  // Left out on purpose: what Pinterest has no name for. As `custom` it would stand unnamed among all other such events.
  eventNames: {
    page_view: "page_visit",
    view_item: "view_content",
    view_item_list: "view_category",
    search: "search",
    add_to_cart: "add_to_cart",
    add_to_wishlist: "add_to_wishlist",
    begin_checkout: "initiate_checkout",
    add_payment_info: "add_payment_info",
    purchase: "checkout",
    lead: "lead",
    sign_up: "signup",
    subscribe: "subscribe",
    start_trial: "start_trial",
    contact: "contact",
    schedule: "schedule",
    submit_application: "submit_application",
    custom: "custom",
  },
  // Pinterest's event quality score names what it looks at, without weights; on checkouts it recommends e-mail, phone,
  // name and click most. https://developers.pinterest.com/docs/track-conversions/get-event-quality-score
  matchKeys: {
    email: 30,
    click_id: 20,
    phone: 12,
    external_id: 12,
    ip_and_user_agent: 12,
    browser_id: 8,
    name: 4,
    address: 3,
    date_of_birth: 1,
    gender: 1,
  },
  // By event name and id; of offline events both copies count.
  dedupsByEventId: (event) => actionSource(event) !== "offline",
  needsRawContact: () => false,

  eventNameProblem: (name) =>
    name.trim() === "" || name.length > LONGEST_NAME ? `must have 1 to ${LONGEST_NAME} characters` : undefined,

  credentialProblem: tokenProblem("accessToken"),

  identifiers: (event) => identifiersIn(userData(event)),

  qualityReadBack,

  skipReason(event, context) {
    return sharedSkipReason(event, pinterest, context) ?? missingFields(event, context);
  },

  buildRequest(events, context) {
    const { settings, credentials, testMode } = context;
    return {
      method: "POST",
      url: `https://api.pinterest.com/v5/ad_accounts/${settings.adAccountId}/events${testMode ? "?test=true" : ""}`,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}`,
      },
      body: JSON.stringify({ data: events.map((event) => conversionEvent(event, context)) }),
    } satisfies DestinationRequest;
  },

  classify: (response, events) => readAnswer(response, events.length),
});

/** What Pinterest insists on. */
function missingFields(event: CanonicalEvent, context: Context) {
  if (!isMatchable(userData(event))) {
    return incomplete(
      "Pinterest needs an e-mail, an advertising id, or a public user.ip together with user.user_agent: phone, click and ids alone are not enough",
    );
  }
  if (actionSource(event) === undefined) return incomplete("Pinterest tells iOS from Android apps: send app.platform");
  return eventName(event, context) === "checkout" ? noPurchase(event) : undefined;
}

function eventName(event: CanonicalEvent, context: Context): string {
  const name = withoutAddresses(wireName(event, pinterest, context) ?? "").trim();
  return name.length <= LONGEST_NAME ? name : [...name].slice(0, LONGEST_NAME).join("").trim();
}

function actionSource({ action_source: action, app }: CanonicalEvent): string | undefined {
  if (action === "website") return "web";
  if (action !== "app") return "offline";
  return app === undefined ? undefined : `app_${app.platform}`;
}

// The schema is closed: a field that it does not name fails the request.
function conversionEvent(event: CanonicalEvent, context: Context): Record<string, unknown> {
  const limits = limitedBy(event);
  const custom = customData(event, limits !== undefined);
  const isApp = event.action_source === "app";
  const url = event.action_source === "website" ? webUrl(event.page?.url) : undefined;
  const [app, device] = isApp ? [appInfo(event), deviceInfo(event)] : [];
  return {
    event_name: eventName(event, context),
    action_source: actionSource(event),
    // Seconds. Senders' clocks run ahead.
    event_time: Math.floor(Math.min(event.event_time, context.now) / 1000),
    event_id: event.event_id,
    ...(url === undefined ? {} : { event_source_url: withoutAddresses(url) }),
    opt_out: optsOut(event, limits),
    user_data: userData(event),
    ...(custom === undefined ? {} : { custom_data: custom }),
    ...(app === undefined ? {} : { app_info: app }),
    ...(device === undefined ? {} : { device_info: device }),
  };
}

function identifiersIn(data: PinterestUserData): ReadonlySet<Identifier> {
  const sent: Record<Identifier, unknown> = {
    email: data.em,
    phone: data.ph,
    external_id: data.external_id,
    click_id: data.click_id,
    browser_id: data.hashed_maids,
    ip_and_user_agent: data.client_ip_address && data.client_user_agent,
    name: data.fn ?? data.ln,
    address: data.ct ?? data.st ?? data.zp ?? data.country,
    date_of_birth: data.db,
    gender: data.ge,
  };
  return identifiersWithValue(sent);
}
