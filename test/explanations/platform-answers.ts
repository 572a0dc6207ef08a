import type { PlatformAnswer } from "../support/golden-failures.ts";

/** Meta's error object. */
const meta = (code: number, subcode?: number): PlatformAnswer => ({
  status: 400,
  body: { error: { message: "Words of Meta", code, error_subcode: subcode } },
});

const amazon = (code: string): PlatformAnswer => ({
  status: 207,
  body: { success: [], error: [{ index: 0, errors: [{ code, message: "words" }] }] },
});

const google = (reason: string, field = "events.events[0].destination_references[0]"): PlatformAnswer => ({
  status: 400,
  body: {
    error: {
      status: "INVALID_ARGUMENT",
      message: "There was a problem with the request.",
      details: [{ fieldViolations: [{ field, reason, description: "Words." }] }],
    },
  },
});

const ga4 = (validationCode: string, fieldPath: string): PlatformAnswer => ({
  status: 200,
  body: { validationMessages: [{ validationCode, fieldPath, description: "Words." }] },
});

const klaviyo = (status: number, code: string, pointer: string): PlatformAnswer => ({
  status,
  body: { errors: [{ code, detail: "Words.", source: { pointer } }] },
});

const x = (status: number, code: string, parameter?: string): PlatformAnswer => ({
  status,
  body: { errors: [{ code, message: "Words of X", parameter }] },
});

/**
 * Answers that the platforms document or were seen to give, and that no golden shows: each is read by the destination's
 * own `classify`. The text is the beginning of `shown` of the entry that explains it.
 */
export const PLATFORM_ANSWERS: Readonly<Record<string, readonly (readonly [string, PlatformAnswer])[]>> = {
  "amazon-ads": [
    ["PAYMENT_ISSUE", amazon("PAYMENT_ISSUE")],
    ["FEATURE_NOT_AVAILABLE", amazon("FEATURE_NOT_AVAILABLE")],
    ["FEATURE_NOT_AVAILABLE", amazon("FEATURE_DISCONTINUED")],
    ["FEATURE_NOT_AVAILABLE", amazon("ACCOUNT_NOT_ELIGIBLE")],
    ["FEATURE_NOT_AVAILABLE", amazon("ACCESS_DENIED_FOR_MANAGER_ACCOUNT")],
    ["FEATURE_NOT_AVAILABLE", amazon("UNSUPPORTED_MARKETPLACE")],
    ["INTERNAL_ERROR", amazon("CONFLICT")],
    ["FIELD_VALUE_IS_INVALID, ", amazon("FIELD_VALUE_IS_OUT_OF_RANGE")],
  ],
  awin: [
    [
      "commissionGroup",
      {
        status: 400,
        body: { message: "Validation failed", errors: [{ field: "commissionGroup", message: "unknown" }] },
      },
    ],
  ],
  braze: [["404, Invalid URL", { status: 404, body: { message: "Invalid URL" } }]],
  ga4: [
    ["NAME_INVALID", ga4("NAME_INVALID", "events[0].name")],
    ["NAME_INVALID", ga4("NAME_RESERVED", "events[0].name")],
    ["NAME_INVALID", ga4("NAME_DUPLICATED", "events[0].params")],
    ["VALUE_INVALID, ", ga4("VALUE_REQUIRED", "client_id")],
    ["VALUE_INVALID, ", ga4("VALUE_OUT_OF_BOUNDS", "timestamp_micros")],
    ["EXCEEDED_MAX_ENTITIES", ga4("EXCEEDED_MAX_ENTITIES", "events[0].params")],
  ],
  "google-ads": [
    ["TERMS_AND_CONDITIONS_NOT_SIGNED", google("ADVERTISER_TOS_NOT_ACCEPTED")],
    ["…_DATA_POLICY", google("DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS")],
    ["…_DATA_POLICY", google("ACCOUNT_INELIGIBLE_FOR_STORE_SALES")],
    ["EU_POLITICAL", google("EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED")],
    ["INVALID_MERCHANT_ID", google("INVALID_MERCHANT_ID", "events.events[0].cart_data.merchant_id")],
    ["INVALID_MERCHANT_ID", google("INVALID_MERCHANT_FEED_LANGUAGE_CODE", "events.events[0].cart_data")],
    ["OPERATING_ACCOUNT", google("INVALID_CLIENT_ACCOUNT_ID")],
    ["OPERATING_ACCOUNT", google("INVALID_DESTINATION")],
    ["OPERATING_ACCOUNT", google("MISMATCHED_ACCOUNT_TYPE")],
    ["NO_IDENTIFIERS", google("INVALID_POSTAL_CODE", "events.events[0].user_data")],
    ["INVALID_ARGUMENT, ", google("REQUIRED_FIELD_MISSING", "events.events[0].event_source")],
    ["INVALID_ARGUMENT, ", google("FIELD_VALUE_TOO_LONG", "events.events[0].transaction_id")],
  ],
  hubspot: [
    ["BANNED", { status: 403, body: { status: "error", category: "BANNED", message: "This portal is banned." } }],
    ["401, ", { status: 401, body: { category: "INVALID_AUTHENTICATION", message: "Authentication credentials" } }],
    ["INTERNAL_ERROR", { status: 504, body: { category: "TIMEOUT", message: "timed out" } }],
  ],
  klaviyo: [
    ["invalid … phone_number", klaviyo(400, "invalid", "/data/attributes/profile/data/attributes/phone_number")],
    ["404", klaviyo(404, "not_found", "")],
    ["404", klaviyo(410, "gone", "")],
  ],
  linkedin: [
    ["EXPIRED_ACCESS_TOKEN", { status: 401, body: { code: "EXPIRED_ACCESS_TOKEN", serviceErrorCode: 65602 } }],
    ["426", { status: 400, body: { code: "DEPRECATED_VERSION", message: "old" } }],
    ["403", { status: 403, body: { serviceErrorCode: 100, message: "Not enough permissions" } }],
  ],
  meta: [
    ["190/463", meta(190, 467)],
    ["190/458", meta(190, 458)],
    ["190/458", meta(190, 460)],
    ["190/458", meta(190, 464)],
    ["190, 102", meta(190)],
    ["190, 102", meta(102)],
    ["100/33", meta(100, 33)],
    ["3, 10", meta(3)],
    ["3, 10", meta(10)],
    ["3, 10", meta(299)],
    ["4, 17", meta(17, 2446079)],
    ["4, 17", meta(32)],
    ["4, 17", meta(613)],
    ["4, 17", meta(80000)],
    ["4, 17", meta(80014)],
    ["1, 2", meta(341)],
    ["1, 2", meta(5000)],
    ["100/2804050", meta(100, 2804050)],
    ["100 with", meta(100, 2804007)],
    ["100 with", meta(34)],
    ["100 with", meta(38)],
  ],
  "microsoft-ads": [
    [
      "userData",
      {
        status: 200,
        body: {
          eventsReceived: 0,
          error: { details: [{ index: 0, propertyName: "userData.em", errorMessage: "no digest" }] },
        },
      },
    ],
  ],
  "openai-ads": [["401", { status: 401, body: { error: { code: "invalid_api_key", message: "Incorrect API key" } } }]],
  pinterest: [["422", { status: 422, body: { code: 0, message: "Some events failed" } }]],
  quora: [["401", { status: 200, body: { events: [{ index: 0, status: "ERROR", error_code: "UNAUTHORIZED" }] } }]],
  nextdoor: [["403", { status: 403 }]],
  reddit: [["401", { status: 401, body: "Authorization Required" }]],
  snapchat: [["client_ip_address", { status: 400, body: { status: "INVALID", reason: "em is not hashed" } }]],
  taboola: [["401", { status: 401 }]],
  tiktok: [
    ["40104", { status: 401 }],
    ["40104", { status: 200, body: { code: 40105, message: "Access token is incorrect" } }],
    ["40002 about event_time", { status: 200, body: { code: 40002, message: "Batch.0.event_time: too old" } }],
  ],
  webhook: [
    ["403", { status: 403, body: "<html>blocked</html>" }],
    ["402", { status: 402 }],
    ["301", { status: 308 }],
  ],
  x: [
    ["OVER_CAPACITY", x(503, "SERVICE_UNAVAILABLE")],
    ["UNAUTHORIZED_CLIENT", x(403, "ACTION_NOT_ALLOWED")],
    ["INVALID_PARAMETER, MISSING_PARAMETER about conv", x(400, "INVALID_PARAMETER", "conversion_time")],
  ],
};
