import { type DeliveryContext, type Destination, defineDestination, wireName } from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { isNegative } from "../core/money.ts";
import { byDefault, flag, settingsFrom, text } from "../core/settings-schema.ts";
import { incomplete, limitedUse, sharedSkipReason } from "../core/skip-checks.ts";
import { TCF_VENDORS } from "../core/tcf-vendors.ts";
import { readAnswer } from "./linkedin/answer.ts";
import { apiVersionEnd, apiVersionWarnings, DEFAULT_API_VERSION } from "./linkedin/api-version.ts";
import { isMatchable, type LinkedinSettings, person } from "./linkedin/person.ts";
import { CREDENTIAL_SETS, signInProblem, tokenRequest } from "./linkedin/sign-in.ts";

type Context = DeliveryContext<LinkedinSettings>;

const property = text("must be the name of a property", (name) => name.trim() !== "");

/** LinkedIn Conversions API. https://learn.microsoft.com/en-us/linkedin/marketing/integrations/ads-reporting/conversions-api */
export const linkedin: Destination<LinkedinSettings> = defineDestination({
  id: "linkedin",
  name: "LinkedIn",
  settings: settingsFrom<LinkedinSettings>({
    apiVersion: byDefault(
      // December 2025 had none.
      text("must be a version that LinkedIn released, such as 202608", (version) => {
        return /^20\d{2}(?:0[1-9]|1[0-2])$/.test(version) && version !== "202512";
      }),
      DEFAULT_API_VERSION,
    ),
    ipAddress: byDefault(flag, false),
    titleProperty: byDefault(property, undefined),
    companyProperty: byDefault(property, undefined),
  }),
  catalogue: {
    status: "stable",
    dedup: "`eventId` within the ad account; window not published",
    maxAge: "90 days",
    deletion: {
      by: "undocumented",
      how: "No documented way; ask the platform. It documents its Insight Tag only: identifiers are removed within 7 days, the rest within 180.",
      identifiers: [],
      docs: "https://www.linkedin.com/help/linkedin/answer/a7155497",
    },
    consentRule: { because: "LinkedIn has no field for a refusal and asks that who opted out be left out." },
    docs: "https://learn.microsoft.com/en-us/linkedin/marketing/integrations/ads-reporting/conversions-api",
  },
  credentials: [],
  credentialSets: CREDENTIAL_SETS,
  limits: {
    batchSize: 5000,
    // Not published. 5,000 conversions with everything that is sent of them are about 3 MB.
    bodyBytes: 4_000_000,
    maxAgeMs: () => 90 * DAY_MS,
    timeoutMs: 10_000,
    // One bad element, and LinkedIn keeps nothing of the request.
    batchFailure: "whole",
  },
  // There is no field that would tell LinkedIn of a refusal.
  tcfVendorId: TCF_VENDORS.linkedin,
  consent: ["ad_storage", "ad_user_data", "ad_personalization"],
  // Conversion rules are made in each ad account, and known by their number.
  eventNames: {},
  // LinkedIn publishes no weights. The order is the one in which its guide recommends the ids.
  matchKeys: { email: 40, click_id: 30, name: 15, external_id: 10, ip_and_user_agent: 5 },
  dedupsByEventId: true,
  needsRawContact: () => false,

  eventNameProblem: (name) =>
    /^\d{1,20}$/.test(name)
      ? undefined
      : "must be the number of a conversion rule (in its address in Campaign Manager), not its name or URN",

  credentialProblem: signInProblem,
  tokenRequest,

  warnings: ({ apiVersion }, now) => apiVersionWarnings(apiVersion, now),
  versionEnd: ({ apiVersion }) => apiVersionEnd(apiVersion),

  identifiers(event, { settings }) {
    const { userIds, userInfo, externalIds } = person(event, settings);
    const sent = Object.fromEntries(userIds.map(({ idType, idValue }) => [idType, idValue]));
    return identifiersWithValue({
      email: sent.SHA256_EMAIL,
      click_id: sent.LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID,
      browser_id: sent.GOOGLE_AID,
      ip_and_user_agent: sent.PLAINTEXT_IP_ADDRESS,
      name: userInfo,
      external_id: externalIds,
    });
  },

  skipReason(event, context) {
    const shared = sharedSkipReason(event, linkedin, context) ?? limitedUse(event, linkedin);
    if (shared !== undefined) return shared;
    if (event.event_name !== "refund" && event.value !== undefined && isNegative(event.value)) {
      return incomplete("LinkedIn takes no negative value: send what was paid, or none");
    }
    return isMatchable(person(event, context.settings))
      ? undefined
      : incomplete("LinkedIn needs an e-mail, a li_fat_id, a user id, or first and last name");
  },

  // A rule that is not there, or not open to whoever signed in, has its whole request refused with 403. Its events share
  // none with those of other rules.
  batchKey: (event, context) => ruleOf(event, context),

  buildRequest(events, context) {
    const { settings, credentials } = context;
    const elements = events.map((event) => conversionEvent(event, context));
    const isBatch = elements.length > 1;
    return {
      method: "POST",
      url: "https://api.linkedin.com/rest/conversionEvents",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}`,
        "linkedin-version": settings.apiVersion,
        "x-restli-protocol-version": "2.0.0",
        ...(isBatch ? { "x-restli-method": "BATCH_CREATE" } : {}),
      },
      body: JSON.stringify(isBatch ? { elements } : elements[0]),
    };
  },

  classify: (response, events) => readAnswer(response, events.length),
});

function ruleOf(event: CanonicalEvent, context: Context): string {
  return wireName(event, linkedin, context) ?? "";
}

function conversionEvent(event: CanonicalEvent, context: Context): Record<string, unknown> {
  return {
    conversion: `urn:lla:llaPartnerConversion:${ruleOf(event, context)}`,
    // Milliseconds. Senders' clocks run ahead, and a conversion has to lie in the past.
    conversionHappenedAt: Math.min(event.event_time, context.now),
    ...conversionValue(event),
    eventId: event.event_id,
    user: person(event, context.settings),
  };
}

// The amount is text: a number fails the whole request. A refund's would be added to the revenue.
function conversionValue({ event_name, value, currency }: CanonicalEvent): Record<string, unknown> {
  if (event_name === "refund" || value === undefined || currency === undefined) return {};
  return { conversionValue: { currencyCode: currency, amount: value } };
}
