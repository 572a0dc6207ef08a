import { tokenProblem } from "../core/credential-form.ts";
import { readCurrency } from "../core/currency.ts";
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
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { moneyToNumber } from "../core/money.ts";
import { present } from "../core/present.ts";
import { byDefault, oneOf, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, limitedUse, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./quora/answer.ts";
import { clickId, type PersonalData, quoraDevice, quoraUser } from "./quora/person.ts";

interface QuoraSettings {
  /** Ads account id, digits as text. */
  accountId: string;
  /** Currency of the ads account, ISO 4217. Quora takes amounts without one, so that only these are sent. */
  accountCurrency?: string | undefined;
  /** What Quora gets of a person in clear; it has no hashed form. */
  personalData: PersonalData;
  /** What becomes of events that no click led to: Quora can hardly attribute them. */
  withoutClick: "skip" | "send";
}

type Context = DeliveryContext<QuoraSettings>;

/** Quora's categories; the tag's own list has `ViewContent` too. https://github.com/quora/quora-capi-tag */
const CATEGORIES: ReadonlySet<string> = new Set(
  `Generic AppInstall Purchase GenerateLead CompleteRegistration AddPaymentInfo AddToCart AddToWishlist InitiateCheckout
   Search ViewContent`.split(/\s+/),
);

/** Quora Conversion API. https://quoraadsupport.zendesk.com/hc/en-us/articles/23065751885069-Conversion-API-Overview */
export const quora: Destination<QuoraSettings> = defineDestination({
  id: "quora",
  name: "Quora",
  settings: settingsFrom<QuoraSettings>({
    accountId: text(
      "must be the ads account's id, digits as text",
      (id) => /^[1-9]\d{0,15}$/.test(id) && Number.isSafeInteger(Number(id)),
    ),
    accountCurrency: byDefault(
      text("must be an ISO 4217 code in upper case", (code) => readCurrency(code) === code),
      undefined,
    ),
    personalData: byDefault(oneOf(["none", "ip", "all"]), "none"),
    withoutClick: byDefault(oneOf(["skip", "send"]), "skip"),
  }),
  catalogue: {
    status: "beta",
    dedup: "`event_id`, window not published",
    maxAge: "not published; 7 days kept to",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform.",
      identifiers: [],
      docs: "https://quoraadsupport.zendesk.com/hc/en-us/articles/23065751885069-Conversion-API-Overview",
    },
    consentRule: { because: "Quora has no field for a refusal or for limited use." },
    docs: "https://quoraadsupport.zendesk.com/hc/en-us/articles/23065751885069-Conversion-API-Overview",
  },
  credentials: ["accessToken"],
  limits: {
    batchSize: 1000,
    // Not published. A thousand events with everything are about half of it.
    bodyBytes: 1_000_000,
    // Not published; our choice, as for other platforms that are silent about it.
    maxAgeMs: () => 7 * DAY_MS,
    timeoutMs: 10_000,
    // A wrong event fails its own row (200), a wrong form the whole request (400): that one is halved.
    batchFailure: "whole",
    rowsInSuccess: true,
  },
  // There is no field that would tell Quora of a refusal, or of a wish for limited use.
  consent: ["ad_storage", "ad_user_data", "ad_personalization"],
  // What has no category is Generic as soon as it is worth something by itself. Page views, lists, carts and logins are
  // left out: as Generic they would be conversions too, more than all others. Refunds have no place at Quora.
  eventNames: {
    view_item: "ViewContent",
    search: "Search",
    add_to_cart: "AddToCart",
    add_to_wishlist: "AddToWishlist",
    begin_checkout: "InitiateCheckout",
    add_payment_info: "AddPaymentInfo",
    purchase: "Purchase",
    lead: "GenerateLead",
    sign_up: "CompleteRegistration",
    subscribe: "Generic",
    start_trial: "Generic",
    contact: "Generic",
    schedule: "Generic",
    submit_application: "Generic",
    custom: "Generic",
  },
  eventNameProblem: (name) =>
    CATEGORIES.has(name) ? undefined : `must be one of Quora's: ${[...CATEGORIES].join(", ")}`,
  // Quora publishes no weights, and calls the click id what it attributes by.
  matchKeys: { click_id: 80, email: 8, phone: 4, browser_id: 4, ip_and_user_agent: 4 },
  dedupsByEventId: true,
  needsRawContact: ({ personalData }) => personalData === "all",

  credentialProblem: tokenProblem("accessToken"),

  identifiers: (event, { settings }) => identifiersIn(event, settings),

  skipReason(event, context) {
    return (
      sharedSkipReason(event, quora, context) ??
      limitedUse(event, quora) ??
      unattributable(event, context) ??
      // By the category that Quora gets: settings and custom events may call anything a Purchase.
      (wireName(event, quora, context) === "Purchase" ? noPurchase(event) : undefined)
    );
  },

  buildRequest(events, context) {
    const { settings, credentials } = context;
    return {
      method: "POST",
      // Takes one event as well as many, and has a row for each in its answer.
      url: "https://api.quora.com/ads/v0/conversions",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}`,
      },
      body: JSON.stringify({
        account_id: Number(settings.accountId),
        data: events.map((event) => conversion(event, context)),
      }),
    } satisfies DestinationRequest;
  },

  classify: (response, events) => readAnswer(response, events.length),
});

function unattributable(event: CanonicalEvent, { settings }: Context): SkipReason | undefined {
  if (clickId(event) !== undefined) return undefined;
  if (settings.withoutClick === "skip") {
    return incomplete(
      "Quora attributes by its click: the event has no qclid, from the landing page or an earlier visit",
    );
  }
  return identifiersIn(event, settings).size > 0
    ? undefined
    : incomplete(
        "nothing of the event points at a person: it has no qclid, and personalData keeps the rest from Quora",
      );
}

function conversion(event: CanonicalEvent, context: Context) {
  const { settings, now } = context;
  return {
    // Mandatory, also when there is nothing in it.
    user: quoraUser(event, settings.personalData),
    device: quoraDevice(event),
    conversion: present({
      event_name: wireName(event, quora, context),
      // Microseconds. Senders' clocks run ahead.
      timestamp: Math.floor(Math.min(event.event_time, now)) * 1000,
      click_id: clickId(event),
      value: amount(event, settings),
      event_id: event.event_id,
    }),
  };
}

// A number that Quora reads in the account's currency: an amount in another one would be another amount.
function amount({ value, currency }: CanonicalEvent, { accountCurrency }: QuoraSettings): number | undefined {
  const isSame = accountCurrency !== undefined && currency?.toUpperCase() === accountCurrency;
  return value === undefined || !isSame ? undefined : moneyToNumber(value);
}

function identifiersIn(event: CanonicalEvent, { personalData }: QuoraSettings): ReadonlySet<Identifier> {
  const user = quoraUser(event, personalData);
  const device = quoraDevice(event);
  return identifiersWithValue({
    click_id: clickId(event),
    email: user.email,
    phone: user.phone_number,
    browser_id: device.mobile_device_id,
    ip_and_user_agent: user.ip && device.user_agent,
  });
}
