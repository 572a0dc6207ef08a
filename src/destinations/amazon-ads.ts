import { readCountry } from "../core/country.ts";
import { signInFieldsProblem } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  type DestinationRequest,
  defineDestination,
  type Identifier,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS, MINUTE_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { refreshTokenRequest } from "../core/oauth.ts";
import { byDefault, oneOf, recordOf, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, noPurchase, sharedSkipReason } from "../core/skip-checks.ts";
import { TCF_VENDORS } from "../core/tcf-vendors.ts";
import { readAnswer } from "./amazon-ads/answer.ts";
import { amazonConsent, needsConsent } from "./amazon-ads/consent.ts";
import { ATTRIBUTES } from "./amazon-ads/custom-data.ts";
import {
  CURRENCIES,
  conversionEvent,
  countryOf,
  type EventSettings,
  eventSource,
  PURCHASE,
} from "./amazon-ads/event.ts";
import { adToken, type MatchKeyType, matchKeysOf } from "./amazon-ads/match-keys.ts";

interface AmazonAdsSettings extends EventSettings {
  /** Amazon's advertising region, which decides the address. */
  region: "NA" | "EU" | "FE";
  /** Advertiser account that the events belong to. */
  accountId: string;
}

type Context = DeliveryContext<AmazonAdsSettings>;

const HOSTS: Readonly<Record<AmazonAdsSettings["region"], string>> = {
  NA: "advertising-api.amazon.com",
  EU: "advertising-api-eu.amazon.com",
  FE: "advertising-api-fe.amazon.com",
};

/** Login with Amazon. Refresh tokens last until somebody revokes them; what they are traded for lasts an hour. */
const TOKEN_URL = "https://api.amazon.com/auth/o2/token";

const CONVERSION_TYPES: ReadonlySet<string> = new Set(
  `ADD_TO_SHOPPING_CART APPLICATION CHECKOUT CONTACT LEAD MOBILE_APP_FIRST_START OFF_AMAZON_PURCHASES OTHER PAGE_VIEW
   SEARCH SIGN_UP SUBSCRIBE`.split(/\s+/),
);

/** Amazon Ads Events API. https://advertising.amazon.com/API/docs/en-us/guides/events/events */
export const amazonAds: Destination<AmazonAdsSettings> = defineDestination({
  id: "amazon-ads",
  name: "Amazon Ads",
  settings: settingsFrom<AmazonAdsSettings>({
    region: oneOf(["NA", "EU", "FE"]),
    accountId: text(
      "must be the advertiser account id: digits or amzn1.ads-account…, not the ENTITY id of an address bar",
      (id) => /^(?:\d{5,25}|amzn1\.ads-account\.[\w.-]{3,100})$/.test(id),
    ),
    dataSet: byDefault(
      text("must be a data set's name: a letter, then 4 to 99 letters, digits, underscores and dashes", (name) =>
        /^[A-Za-z][\w-]{4,99}$/.test(name),
      ),
      "Default_Events",
    ),
    eventIds: byDefault(oneOf(["with_name", "as_given"]), "with_name"),
    country: byDefault(
      text("must be an ISO 3166-1 alpha-2 code in upper case", (code) => readCountry(code) === code),
      undefined,
    ),
    attributes: byDefault(
      recordOf(
        text(`must be one of ${[...ATTRIBUTES].join(", ")}`, (name) => ATTRIBUTES.has(name)),
        text("must be the name of a property", (name) => name !== ""),
      ),
      {},
    ),
  }),
  catalogue: {
    status: "stable",
    dedup: "`eventId` across all event types, of which the latest stays; window not published",
    maxAge: "7 days",
    consentFields: "`consent.tcf`, `consent.gpp`, `consent.amazonConsent` or `consent.geo`; `dataProcessingOptions`",
    deletion: {
      by: "api",
      how: "`POST /accounts/{accountId}/dsp/conversionDefinitions/delete` deletes the events that came before the request, up to 500 persons a request; it takes the same hashed match keys as the events, and the permission `event_manager_edit`.",
      identifiers: ["SHA-256 of e-mail, phone, name or address, as sent with events"],
      docs: "https://advertising.amazon.com/API/docs/en-us/guides/events/events",
    },
    consentRule: {
      because:
        "Amazon processes events only with both of its flags granted, and none at all that is marked for limited use.",
    },
    docs: "https://advertising.amazon.com/API/docs/en-us/guides/events/events",
  },
  credentials: ["clientId", "clientSecret", "refreshToken"],
  limits: {
    batchSize: 500,
    // Not published; what another sender keeps to. 500 events with everything have room.
    bodyBytes: 1_000_000,
    // Seven days, less a minute for the way and for the ms that Amazon's times are cut by.
    maxAgeMs: () => 7 * DAY_MS - MINUTE_MS,
    timeoutMs: 10_000,
    // A wrong value fails its own row (207), a wrong form or too large a body the whole request: that one is halved.
    batchFailure: "whole",
    rowsInSuccess: true,
  },
  // Amazon has fields for a refusal, but nothing that it may do with such an event.
  tcfVendorId: TCF_VENDORS.amazon,
  consent: ["ad_storage", "ad_user_data", "ad_personalization"],
  // Every event also carries its own name, which tells those apart that are OTHER. A trial is no subscription yet. There
  // is no way to take a purchase back: refunds stay here.
  eventNames: {
    page_view: "PAGE_VIEW",
    view_item: "PAGE_VIEW",
    view_item_list: "PAGE_VIEW",
    search: "SEARCH",
    add_to_cart: "ADD_TO_SHOPPING_CART",
    remove_from_cart: "OTHER",
    view_cart: "OTHER",
    add_to_wishlist: "OTHER",
    begin_checkout: "CHECKOUT",
    add_shipping_info: "OTHER",
    add_payment_info: "OTHER",
    purchase: PURCHASE,
    lead: "LEAD",
    sign_up: "SIGN_UP",
    login: "OTHER",
    subscribe: "SUBSCRIBE",
    start_trial: "OTHER",
    contact: "CONTACT",
    schedule: "OTHER",
    submit_application: "APPLICATION",
    custom: "OTHER",
  },
  eventNameProblem: (name) =>
    CONVERSION_TYPES.has(name) ? undefined : `must be one of Amazon's types: ${[...CONVERSION_TYPES].join(", ")}`,
  // Amazon publishes no weights. Its own click settles it; an account there is an e-mail and often a phone.
  matchKeys: { click_id: 25, email: 30, phone: 20, address: 10, name: 5, browser_id: 5, external_id: 5 },
  // The latest event of an id replaces the ones before it.
  dedupsByEventId: true,
  needsRawContact: () => false,

  credentialProblem: ({ clientId = "", clientSecret = "", refreshToken = "" }) =>
    signInFieldsProblem({ clientId, clientSecret, refreshToken }, "Amazon"),
  tokenRequest: ({ clientId = "", clientSecret = "", refreshToken = "" }) =>
    refreshTokenRequest(TOKEN_URL, { clientId, clientSecret, refreshToken }),

  identifiers,

  skipReason(event, context) {
    return sharedSkipReason(event, amazonAds, context) ?? missingFields(event, context);
  },

  buildRequest(events, context) {
    const { settings, credentials, now } = context;
    const bodies = events.map((event) =>
      conversionEvent(event, wireName(event, amazonAds, context) ?? "", settings, now),
    );
    return {
      method: "POST",
      url: `https://${HOSTS[settings.region]}/adsApi/v1/create/events`,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}`,
        "amazon-ads-clientid": credentials.clientId ?? "{clientId}",
        "amazon-ads-accountid": settings.accountId,
      },
      body: JSON.stringify({ events: bodies }),
    } satisfies DestinationRequest;
  },

  classify: (response, events) => readAnswer(response, events.length),
});

/** What Amazon insists on. */
function missingFields(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const { settings } = context;
  const country = countryOf(event, settings);
  if (country === undefined) {
    return incomplete("Amazon needs the person's country: send user.country, or set country for events without");
  }
  if (eventSource(event) === undefined) return incomplete("Amazon tells iOS from Android apps: send app.platform");
  if (matchKeysOf(event).length === 0) {
    return incomplete("Amazon needs an e-mail, a phone, a name, an address, a user id or an advertising id");
  }
  if (needsConsent(settings.region, country) && amazonConsent(event) === undefined) {
    return incomplete("Amazon needs a consent signal in Europe: send consent.ad_user_data, or user.ip");
  }
  // By the type that Amazon gets: settings may call anything a purchase.
  return wireName(event, amazonAds, context) === PURCHASE ? (noPurchase(event) ?? unknownCurrency(event)) : undefined;
}

function unknownCurrency({ value, currency }: CanonicalEvent): SkipReason | undefined {
  return value === undefined || currency === undefined || CURRENCIES.has(currency.toUpperCase())
    ? undefined
    : incomplete("Amazon does not know the currency: give the lane a value rule for purchases in another one");
}

const IDENTIFIER_OF: Readonly<Record<MatchKeyType, Identifier>> = {
  EMAIL: "email",
  PHONE: "phone",
  FIRST_NAME: "name",
  LAST_NAME: "name",
  ADDRESS: "address",
  CITY: "address",
  STATE: "address",
  POSTAL: "address",
  MAID: "browser_id",
  MATCH_ID: "external_id",
};

function identifiers(event: CanonicalEvent): ReadonlySet<Identifier> {
  const sent = new Set(matchKeysOf(event).map(({ type }) => IDENTIFIER_OF[type]));
  return adToken(event) === undefined ? sent : sent.add("click_id");
}
