import {
  type DeliveryContext,
  type Destination,
  defineDestination,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { isNegative } from "../core/money.ts";
import { present } from "../core/present.ts";
import { incomplete, sharedSkipReason } from "../core/skip-checks.ts";
import { TCF_VENDORS } from "../core/tcf-vendors.ts";
import { readAnswer } from "./google-ads/answer.ts";
import { googleClick } from "./google-ads/click.ts";
import { conversion, destinationReference } from "./google-ads/conversion.ts";
import { isFindable, person } from "./google-ads/person.ts";
import { restatementProblem } from "./google-ads/restatement.ts";
import { type GoogleAdsSettings, googleAdsSettings } from "./google-ads/settings.ts";
import { CREDENTIAL_SETS, signInProblem, tokenRequest } from "./google-ads/sign-in.ts";

type Context = DeliveryContext<GoogleAdsSettings>;

/** Google Ads through the Data Manager API. https://developers.google.com/data-manager/api */
export const googleAds: Destination<GoogleAdsSettings> = defineDestination({
  id: "google-ads",
  name: "Google Ads",
  settings: googleAdsSettings,
  catalogue: {
    status: "stable",
    dedup: "transaction id per conversion action; a copy restates the value",
    maxAge: "90 days with a click id, 63 days without",
    testMode: "`validateOnly`",
    consentFields: "`consent.adUserData`, `consent.adPersonalization`",
    deletion: {
      by: "undocumented",
      how: "No documented way to delete one person's conversions; ask the platform. Its page on deletion tells of Customer Match, Floodlight and uploads of store sales, and says that account data is kept for 11 years.",
      identifiers: [],
      docs: "https://support.google.com/google-ads/answer/10769131",
    },
    consentRule: {
      because:
        "Google drops conversions without `adUserData` where a law asks for it; a refusal of personalised ads has a field.",
      source: "https://developers.google.com/data-manager/api/reference/rest/v1/events/ingest",
    },
    docs: "https://developers.google.com/data-manager/api",
  },
  credentials: [],
  credentialSets: CREDENTIAL_SETS,
  limits: {
    // The text of TOO_MANY_EVENTS says 10,000; the reference and the limits page say 2,000.
    batchSize: 2000,
    // Not published. 2,000 rich conversions fit.
    bodyBytes: 4_000_000,
    // Google keeps clicks for 90 days, its longest click-through window; people found by their data for 63.
    maxAgeMs: (event) => (googleClick(event) === undefined ? 63 : 90) * DAY_MS,
    timeoutMs: 10_000,
    // Fast-fail: one bad event, and nothing of the request is processed.
    batchFailure: "whole",
  },
  // Refused personalisation is passed on; without the other two Google may not have the click or the person.
  tcfVendorId: TCF_VENDORS.google,
  consent: ["ad_storage", "ad_user_data"],
  whenDenied: { ad_personalization: "limited" },
  takesPartial: ["limited"],
  // Conversion actions are made in each account, and known by their number.
  eventNames: {},
  // Google publishes no weights. A click id settles it; e-mail and phone follow in the order of its own guides.
  matchKeys: { click_id: 40, email: 30, phone: 15, name: 5, address: 5, ip_and_user_agent: 5 },
  dedupsByEventId: true,
  needsRawContact: () => false,

  eventNameProblem: (name) =>
    /^[1-9]\d{0,19}$/.test(name)
      ? undefined
      : "must be the number of a conversion action (ctId in its address in Google Ads), not its name or resource name",

  credentialProblem: signInProblem,
  tokenRequest,

  identifiers(event) {
    const { adIdentifiers, userData, eventDeviceInfo: device } = person(event);
    const sent = userData?.userIdentifiers ?? [];
    const address = sent.find(({ address }) => address !== undefined);
    return identifiersWithValue({
      click_id: adIdentifiers,
      email: sent.find(({ emailAddress }) => emailAddress !== undefined),
      phone: sent.find(({ phoneNumber }) => phoneNumber !== undefined),
      name: address,
      address,
      ip_and_user_agent: device?.ipAddress && device.userAgent,
    });
  },

  skipReason(event, context) {
    return sharedSkipReason(event, googleAds, context) ?? unsendable(event, context);
  },

  // One conversion action a request: what Google says of an action then holds for all of the request's events.
  batchKey: (event, context) => `${event.event_name} ${wireName(event, googleAds, context) ?? ""}`,

  buildRequest(events, context) {
    const { settings, credentials, testMode, now } = context;
    return {
      method: "POST",
      url: "https://datamanager.googleapis.com/v1/events:ingest",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}`,
      },
      body: JSON.stringify({
        destinations: [conversionAction(events, context)],
        encoding: "HEX",
        validateOnly: testMode,
        events: events.map((event) => conversion(event, settings, now)),
      }),
    };
  },

  classify: (response, events) => readAnswer(response, events),
});

function conversionAction([first]: readonly CanonicalEvent[], context: Context): Record<string, unknown> {
  if (first === undefined) throw new RangeError("a request needs an event");
  const { customerId, loginCustomerId } = context.settings;
  return present({
    reference: destinationReference(first.event_name),
    operatingAccount: account(customerId),
    loginAccount: loginCustomerId === undefined ? undefined : account(loginCustomerId),
    productDestinationId: wireName(first, googleAds, context),
  });
}

function account(accountId: string): Record<string, unknown> {
  return { accountType: "GOOGLE_ADS", accountId };
}

function unsendable(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const refund = event.event_name === "refund" ? refundProblem(event, context) : undefined;
  if (refund !== undefined) return refund;
  if (event.event_name !== "refund" && event.value !== undefined && isNegative(event.value)) {
    return incomplete("a conversion with a negative value is none: send a refund");
  }
  return isFindable(person(event))
    ? undefined
    : incomplete("Google needs a click id (gclid, gbraid, wbraid), an e-mail, a phone, or a whole name and address");
}

function refundProblem(event: CanonicalEvent, context: Context): SkipReason | undefined {
  const problem = restatementProblem(event, context.settings, context.now);
  if (problem !== undefined) return problem;
  // Elsewhere Google does not know the order: the refund would be a conversion of its own.
  const purchaseAction = wireName({ event_name: "purchase" }, googleAds, context);
  return wireName(event, googleAds, context) === purchaseAction
    ? undefined
    : { code: "not_configured", detail: "a refund restates its purchase: give it the conversion action of purchase" };
}
