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
import { appFacts } from "../core/extinfo.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { webUrl, withoutAddresses } from "../core/page-url.ts";
import { perEvent } from "../core/per-event.ts";
import { byDefault, oneOf, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, missingTestCode, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./meta/answer.ts";
import { apiVersionEnd, apiVersionWarning, DEFAULT_API_VERSION } from "./meta/api-version.ts";
import { customData } from "./meta/custom-data.ts";
import { limitedUse, needsAddress } from "./meta/data-processing.ts";
import { qualityReadBack } from "./meta/quality-read-back.ts";
import { isTooBroad, type MetaUserData, userData } from "./meta/user-data.ts";

interface MetaSettings {
  /** Dataset (pixel) id. */
  datasetId: string;
  /** Graph API version, such as `v26.0`. */
  apiVersion: string;
  /** Code of Events Manager's "Test events" page; sent only when the lane is in test mode. */
  testEventCode?: string | undefined;
  /**
   * What becomes of website events without page URL or user agent, which Meta refuses: `skip` leaves them out with
   * that reason, `other` sends them with the action source `other`.
   */
  incompleteWebsite: "skip" | "other";
}

type Context = DeliveryContext<MetaSettings>;

/** Meta Conversions API. https://developers.facebook.com/docs/marketing-api/conversions-api */
export const meta: Destination<MetaSettings> = defineDestination<MetaSettings>({
  id: "meta",
  name: "Meta",
  settings: settingsFrom<MetaSettings>({
    datasetId: text("must be the dataset (pixel) id, digits as text", (id) => /^\d{5,20}$/.test(id)),
    apiVersion: byDefault(
      text("must look like v26.0", (version) => /^v\d{2}\.0$/.test(version)),
      DEFAULT_API_VERSION,
    ),
    testEventCode: byDefault(
      text("must look like TEST12345", (code) => /^TEST\w{1,40}$/.test(code)),
      undefined,
    ),
    incompleteWebsite: byDefault(oneOf(["skip", "other"]), "skip"),
  }),
  catalogue: {
    status: "stable",
    dedup: "event name + event id, 48 h",
    maxAge: "7 days; physical stores 62 days",
    testMode: "`test_event_code`",
    consentFields: "`data_processing_options`, `opt_out`",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform.",
      identifiers: [],
      docs: "https://developers.facebook.com/docs/marketing-api/conversions-api",
    },
    consentRule: {
      because:
        "Limited Data Use works in some states of the US; `opt_out` keeps the event out of ad delivery everywhere.",
      source: "https://developers.facebook.com/docs/marketing-apis/data-processing-options",
    },
    docs: "https://developers.facebook.com/docs/marketing-api/conversions-api",
  },
  credentials: ["accessToken"],
  limits: {
    batchSize: 1000,
    // Not published; well under what the Graph API is seen to take, and 1000 rich events fit.
    bodyBytes: 4_000_000,
    maxAgeMs: (event) => (event.action_source === "physical_store" ? 62 : 7) * DAY_MS,
    timeoutMs: 10_000,
    // Meta stores nothing of a request in which one event is invalid.
    batchFailure: "whole",
  },
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited"],
  eventNames: {
    page_view: "PageView",
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
  },
  // Meta publishes the order of usefulness, not weights; these follow that order and practice.
  matchKeys: {
    email: 30,
    click_id: 20,
    phone: 15,
    external_id: 10,
    browser_id: 8,
    ip_and_user_agent: 7,
    name: 4,
    address: 3,
    date_of_birth: 2,
    gender: 1,
  },
  dedupsByEventId: true,
  needsRawContact: () => false,

  credentialProblem: tokenProblem("accessToken"),

  versionEnd: ({ apiVersion }) => apiVersionEnd(apiVersion),
  warnings(settings, now) {
    const warning = apiVersionWarning(settings.apiVersion, now);
    return warning === undefined ? [] : [warning];
  },

  identifiers: (event) => identifiersIn(userData(event)),

  qualityReadBack,

  skipReason(event, context) {
    return (
      sharedSkipReason(event, meta, context) ??
      missingTestCode(context, context.settings.testEventCode, "testEventCode from Events Manager") ??
      missingFields(event, context)
    );
  },

  buildRequest(events, context) {
    const { settings, credentials, testMode } = context;
    const body = {
      data: events.map((event) => serverEvent(event, context)),
      ...(testMode && settings.testEventCode !== undefined ? { test_event_code: settings.testEventCode } : {}),
    };
    return {
      method: "POST",
      url: `https://graph.facebook.com/${settings.apiVersion}/${settings.datasetId}/events`,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}`,
      },
      body: JSON.stringify(body),
    } satisfies DestinationRequest;
  },

  classify(response, events) {
    const outcome = readAnswer(response, events.length);
    return events.map(() => outcome);
  },
});

/** What Meta insists on. Its answer to one such event would fail every event of the request. */
function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const person = userData(event);
  return (
    missingSource(event, context.settings) ??
    missingMoney(event, context) ??
    (isTooBroad(person)
      ? incomplete("nothing in the event points at a person: Meta needs an e-mail, phone, id, click, browser id or IP")
      : undefined) ??
    (needsAddress(event) && person.client_ip_address === undefined
      ? incomplete(
          "Meta limits data use by the person's IP or US state: send user.ip, or consent.jurisdiction as US-CA",
        )
      : undefined)
  );
}

function missingSource(event: CanonicalEvent, settings: MetaSettings): SkipReason | undefined {
  if (event.action_source === "website" && settings.incompleteWebsite === "skip") {
    const remedy = "or the action_source where it happened, or set incompleteWebsite to other";
    if (pageOf(event).url === undefined) {
      return incomplete(`Meta refuses website events without an http(s) page.url: send the page's address, ${remedy}`);
    }
    if (!event.user.user_agent) {
      return incomplete(`Meta refuses website events without user.user_agent: send the browser's, ${remedy}`);
    }
  }
  return event.action_source === "app" && appFacts(event) === undefined
    ? incomplete("Meta refuses app events without app.platform and device.os_version")
    : undefined;
}

// By the name that Meta gets: settings and custom events may call anything a Purchase.
function missingMoney(event: CanonicalEvent, context: Context): SkipReason | undefined {
  if (wireName(event, meta, context) !== "Purchase") return undefined;
  if (event.value === undefined || event.currency === undefined) {
    return incomplete("Meta refuses purchases without value and currency");
  }
  return noPurchase(event);
}

function serverEvent(event: CanonicalEvent, context: Context): Record<string, unknown> {
  const { url, referrer } = pageOf(event);
  const custom = customData(event);
  const app = event.action_source === "app" ? appFacts(event) : undefined;
  return {
    event_name: withoutAddresses(wireName(event, meta, context) ?? ""),
    // Seconds. Meta refuses a request over an event from the future, and senders' clocks do run ahead.
    event_time: Math.floor(Math.min(event.event_time, context.now) / 1000),
    event_id: event.event_id,
    action_source: actionSource(event),
    ...(url === undefined ? {} : { event_source_url: url }),
    ...(referrer === undefined ? {} : { referrer_url: referrer }),
    user_data: userData(event),
    ...(custom === undefined ? {} : { custom_data: custom }),
    ...(app === undefined ? {} : { app_data: app }),
    ...limitedUse(event, userData(event).client_ip_address !== undefined),
  };
}

/** The page's and the referrer's address as they leave, where they are addresses of the web. */
const pageOf = perEvent(({ page }) => ({ url: address(page?.url), referrer: address(page?.referrer) }));

function address(text: string | undefined): string | undefined {
  const url = webUrl(text);
  return url === undefined ? undefined : withoutAddresses(url);
}

function actionSource(event: CanonicalEvent): string {
  const isWebsite = event.action_source === "website";
  const isWhole = pageOf(event).url !== undefined && Boolean(event.user.user_agent);
  return isWebsite && !isWhole ? "other" : event.action_source;
}

function identifiersIn(data: MetaUserData): ReadonlySet<Identifier> {
  const sent: Record<Identifier, unknown> = {
    email: data.em,
    phone: data.ph,
    external_id: data.external_id,
    click_id: data.fbc,
    browser_id: data.fbp ?? data.madid,
    ip_and_user_agent: data.client_ip_address && data.client_user_agent,
    name: data.fn ?? data.ln,
    address: data.ct ?? data.st ?? data.zp ?? data.country,
    date_of_birth: data.db,
    gender: data.ge,
  };
  return identifiersWithValue(sent);
}
