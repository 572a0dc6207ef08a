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
import { HOUR_MS } from "../core/durations.ts";
import type { ActionSource, CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { webUrl, withoutAddresses } from "../core/page-url.ts";
import { presentOrNothing } from "../core/present.ts";
import { byDefault, flag, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, missingTestCode, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./reddit/answer.ts";
import { metadata } from "./reddit/metadata.ts";
import { dataProcessing, isMatchable, matchKeys, type RedditMatchKeys } from "./reddit/user.ts";

interface RedditSettings {
  /** Pixel id of Events Manager, such as `a2_abc123`. */
  pixelId: string;
  /** Id of Events Manager's Event Testing; sent only when the lane is in test mode. */
  testId?: string | undefined;
  /** Sends money, order id and products with every event instead of those that Reddit calls revenue-related. */
  valueForEveryEvent: boolean;
}

type Context = DeliveryContext<RedditSettings>;

/** Reddit's own types; every other name goes out as that of a custom event. */
const TRACKING_TYPES: ReadonlySet<string> = new Set(
  "PAGE_VISIT VIEW_CONTENT SEARCH ADD_TO_CART ADD_TO_WISHLIST PURCHASE LEAD SIGN_UP".split(" "),
);
const LONGEST_NAME = 64;

/** Reddit Conversions API v3. https://ads-api.reddit.com/docs/v3/operations/Post%20Conversion%20Events */
export const reddit: Destination<RedditSettings> = defineDestination({
  id: "reddit",
  name: "Reddit",
  settings: settingsFrom<RedditSettings>({
    pixelId: text("must be the pixel id, such as a2_abc123", (id) => /^[a-z]\d_\w{2,60}$/.test(id)),
    testId: byDefault(
      text("must be the id of Event Testing", (id) => /^[\w-]{1,100}$/.test(id)),
      undefined,
    ),
    valueForEveryEvent: byDefault(flag, false),
  }),
  catalogue: {
    status: "stable",
    dedup: "event type + conversion id, 2 days",
    maxAge: "7 days",
    testMode: "`data.test_id`",
    consentFields: "`user.data_processing_options`",
    deletion: {
      by: "api",
      how: "Version 3 of the Ads API takes data deletion jobs, for an ad account or for a pixel, with the scope `adsdatadeletion`; for a pixel they have to come from an admin of the business.",
      identifiers: ["e-mail", "phone", "external id", "IDFA", "AAID"],
      docs: "https://ads-api.reddit.com/docs/v3/",
    },
    consentRule: { because: "Limited Data Use keeps an event out of personalised ads." },
    docs: "https://ads-api.reddit.com/docs/v3/operations/Post%20Conversion%20Events",
  },
  credentials: ["accessToken"],
  limits: {
    batchSize: 1000,
    // Not published; 1000 rich events fit.
    bodyBytes: 2_000_000,
    maxAgeMs: () => 168 * HOUR_MS,
    timeoutMs: 10_000,
    // "None were processed", when one event of a request is invalid.
    batchFailure: "whole",
  },
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited"],
  // Of custom events Reddit's dashboard shows the twenty most recent: removals, carts, shipping and logins are left out,
  // lest they push those out that somebody asked for.
  eventNames: {
    page_view: "PAGE_VISIT",
    view_item: "VIEW_CONTENT",
    view_item_list: "VIEW_CONTENT",
    search: "SEARCH",
    add_to_cart: "ADD_TO_CART",
    add_to_wishlist: "ADD_TO_WISHLIST",
    purchase: "PURCHASE",
    lead: "LEAD",
    sign_up: "SIGN_UP",
    begin_checkout: "BeginCheckout",
    add_payment_info: "AddPaymentInfo",
    refund: "Refund",
    subscribe: "Subscribe",
    start_trial: "StartTrial",
    contact: "Contact",
    schedule: "Schedule",
    submit_application: "SubmitApplication",
    custom: OWN_NAME,
  },
  eventNameProblem: nameProblem,
  // Reddit rates keys by weight without publishing any; it recommends these, the click id for all events.
  matchKeys: {
    click_id: 30,
    email: 25,
    external_id: 15,
    phone: 10,
    browser_id: 10,
    ip_and_user_agent: 10,
  },
  dedupsByEventId: true,
  needsRawContact: () => false,

  credentialProblem: tokenProblem("accessToken"),

  identifiers: (event) => identifiersIn(matchKeys(event)),

  skipReason(event, context) {
    return (
      sharedSkipReason(event, reddit, context) ??
      missingTestCode(context, context.settings.testId, "testId from Event Testing in Events Manager") ??
      missingFields(event, context)
    );
  },

  // Event Testing shows one event of a request.
  batchKey: (event, { testMode }) => (testMode ? event.event_id : ""),

  buildRequest(events, context) {
    const { settings, credentials, testMode } = context;
    const data = {
      ...(testMode && settings.testId !== undefined ? { test_id: settings.testId } : {}),
      events: events.map((event) => conversionEvent(event, context)),
    };
    return {
      method: "POST",
      url: `https://ads-api.reddit.com/api/v3/pixels/${settings.pixelId}/conversion_events`,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}`,
      },
      body: JSON.stringify({ data }),
    } satisfies DestinationRequest;
  },

  classify: readAnswer,
});

// A type in another spelling, such as that of v2, would quietly become a custom event.
function nameProblem(name: string): string | undefined {
  const spelt = ownSpelling(name);
  const meant = ["CUSTOM", ...TRACKING_TYPES].find((type) => ownSpelling(type) === spelt);
  const isName =
    meant === undefined ? name.trim() !== "" && [...name].length <= LONGEST_NAME : TRACKING_TYPES.has(name);
  if (isName) return undefined;
  const types = [...TRACKING_TYPES].join(", ");
  return `must be one of ${types} so spelt, or another name of up to ${LONGEST_NAME} characters`;
}

function ownSpelling(name: string): string {
  return name.toUpperCase().replace(/[\s_-]/g, "");
}

function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const wrong = wireName(event, reddit, context) === "PURCHASE" ? noPurchase(event) : undefined;
  if (wrong !== undefined) return wrong;
  return isMatchable(matchKeys(event))
    ? undefined
    : incomplete(
        "Reddit needs a click id, the pixel's uuid, an e-mail, a phone, a user id or an advertising id; of a store's events an e-mail, a phone or a user id",
      );
}

/** Where it happened, in Reddit's words. Copies are dropped within one of them only. */
const ACTION_SOURCES: Readonly<Partial<Record<ActionSource, string>>> = {
  website: "WEBSITE",
  app: "APP",
  physical_store: "PHYSICAL_STORE",
};

function conversionEvent(event: CanonicalEvent, context: Context): Record<string, unknown> {
  const name = wireName(event, reddit, context) ?? "";
  const { click_id, user } = matchKeys(event);
  return {
    // Milliseconds. Reddit takes times up to five minutes ahead, and senders' clocks do run ahead.
    event_at: Math.min(event.event_time, context.now),
    action_source: ACTION_SOURCES[event.action_source] ?? "OTHER",
    event_source_url: sourceUrl(event),
    type: eventType(name),
    click_id,
    user: presentOrNothing({ ...user, data_processing_options: dataProcessing(event) }),
    metadata: metadata(event, name, context.settings.valueForEveryEvent),
  };
}

function eventType(name: string): { tracking_type: string; custom_event_name?: string } {
  if (TRACKING_TYPES.has(name)) return { tracking_type: name };
  const own = withoutAddresses(name);
  return { tracking_type: "CUSTOM", custom_event_name: [...own].slice(0, LONGEST_NAME).join("") };
}

function sourceUrl({ action_source, page }: CanonicalEvent): string | undefined {
  const url = action_source === "website" ? webUrl(page?.url) : undefined;
  return url === undefined ? undefined : withoutAddresses(url);
}

function identifiersIn({ click_id, user }: RedditMatchKeys): ReadonlySet<Identifier> {
  const sent: Partial<Record<Identifier, unknown>> = {
    click_id,
    email: user.email,
    phone: user.phone_number,
    external_id: user.external_id,
    browser_id: user.uuid ?? user.idfa ?? user.aaid,
    ip_and_user_agent: user.ip_address && user.user_agent,
  };
  return identifiersWithValue(sent);
}
