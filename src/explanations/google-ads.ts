import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const TERMS = "Google Ads → Goals → Settings → Customer data terms";
const ACCESS = "Google Ads → Admin → Access and security";

/** Known reasons of the Data Manager API. A refusal names the field, the reason and Google's words. */
export const GOOGLE_ADS: DestinationExplanations = {
  docs: "https://developers.google.com/data-manager/api/reference/rest/v1/ErrorReason",
  entries: [
    {
      of: "unauthorized",
      when: /^access token: invalid_grant/,
      shown: "access token: invalid_grant",
      means:
        "The refresh token was revoked or has expired, as it does after 7 days while the app's consent screen is in Testing; or the service account's key was deleted.",
      todo: newCredential(
        "Publish the consent screen (Google Cloud console → Google Auth Platform → Audience) and sign in again for a new `refreshToken`; or make a new key of the service account.",
      ),
      docs: "https://developers.google.com/identity/protocols/oauth2#expiration",
    },
    {
      of: "unauthorized",
      when: /\bSERVICE_DISABLED\b/,
      shown: "SERVICE_DISABLED",
      means: "The Data Manager API is switched off in the Google Cloud project that the credentials are of.",
      todo: "Google Cloud console → APIs & Services → Library → Data Manager API → Enable. Google needs some minutes to notice.",
    },
    {
      of: "unauthorized",
      when: /\bACCESS_TOKEN_SCOPE_INSUFFICIENT\b/,
      shown: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
      means: "Whoever signed in did not allow the app to send conversions.",
      todo: newCredential(
        "Sign in again with the scope `https://www.googleapis.com/auth/datamanager` and take the new `refreshToken`.",
      ),
    },
    {
      of: "unauthorized",
      when: /\b(?:UNAUTHENTICATED|ACCESS_TOKEN_EXPIRED)\b|^HTTP 401\b/,
      shown: "401, UNAUTHENTICATED",
      means: "Google does not take the access token, and a new one was no better.",
      todo: newCredential("Make a new key of the service account, or sign in again for a new `refreshToken`."),
    },
    {
      of: "unauthorized",
      when: /\b(?:TERMS_AND_CONDITIONS_NOT_SIGNED|DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED|ADVERTISER_TOS_NOT_ACCEPTED)\b/,
      shown: "TERMS_AND_CONDITIONS_NOT_SIGNED, …_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED, ADVERTISER_TOS_NOT_ACCEPTED",
      means: "Nobody has accepted Google's terms for customer data in this account.",
      todo: `Accept them: ${TERMS}. Google may need an hour to notice.`,
    },
    {
      of: "unauthorized",
      when: /NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS\b/,
      shown: "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS",
      means: "Enhanced conversions for leads are switched off in the account.",
      todo: "Switch them on: Google Ads → Goals → Settings → Enhanced conversions for leads. Google may need an hour to notice.",
    },
    {
      of: "unauthorized",
      when: /(?:DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS|NOT_ALLOWLISTED|ACCOUNT_INELIGIBLE_FOR_STORE_SALES)\b/,
      shown: "…_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS, NOT_ALLOWLISTED, ACCOUNT_INELIGIBLE_FOR_STORE_SALES",
      means: "Google does not allow this account what the lane sends.",
      todo: "Ask your contact at Google or Google Ads support what the account lacks.",
    },
    {
      of: "unauthorized",
      when: /\bEU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED\b/,
      shown: "EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED",
      means: "Campaigns of the account do not say whether they are political ads in the European Union.",
      todo: "Answer the question in the settings of each campaign of the account.",
    },
    {
      of: "unauthorized",
      when: /\bINVALID_CONVERSION_ACTION_(?:ID|TYPE)\b/,
      shown: "INVALID_CONVERSION_ACTION_ID, INVALID_CONVERSION_ACTION_TYPE",
      means:
        "The number that the lane gives for this event is no conversion action of the account, or one that takes no events from servers.",
      todo: setting(
        "put the number (`ctId` in the address of the action's page) of an action of the type “import from clicks” or “website” into `events` or `customEvents` of the lane",
      ),
    },
    {
      of: "unauthorized",
      when: /\b(?:INVALID_MERCHANT_ID|INVALID_MERCHANT_FEED_LANGUAGE_CODE)\b/,
      shown: "INVALID_MERCHANT_ID, INVALID_MERCHANT_FEED_LANGUAGE_CODE",
      means: "Google knows no Merchant Center or feed like that of the lane's settings.",
      todo: setting("correct or take out `merchantId`, `merchantFeedLabel` and `merchantFeedLanguage`"),
    },
    {
      of: "unauthorized",
      when: /\b(?:OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH|DESTINATION_ACCOUNT_TYPE_MISMATCH|MISMATCHED_ACCOUNT_TYPE|INVALID_CLIENT_ACCOUNT_ID|INVALID_DESTINATION)\b|\bdestinations\[\d+\]\./,
      shown:
        "OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH, …_ACCOUNT_TYPE_MISMATCH, INVALID_CLIENT_ACCOUNT_ID, INVALID_DESTINATION, or a field of `destinations`",
      means: "The accounts in the lane's settings do not belong together.",
      todo: setting(
        "set `customerId` to the account that owns the conversion action, and `loginCustomerId` to the manager account only if whoever signs in is a user of that one",
      ),
    },
    {
      of: "unauthorized",
      when: /\bNOT_FOUND\b|^HTTP 404\b/,
      shown: "404, NOT_FOUND",
      means: "Google finds no such account or conversion action; it may have been deleted.",
      todo: setting(
        "compare `customerId` and the numbers in `events` with Google Ads → Goals → Summary and correct them",
      ),
    },
    {
      of: "unauthorized",
      when: /\bdestination_?references\b/i,
      shown: "any other reason at `destination_references`",
      means: "Something about the conversion action keeps Google from taking events for it; its words say what.",
      todo: "Open the action in Google Ads → Goals → Summary and mend what Google names, or name another action in `events` or `customEvents` of the lane.",
    },
    {
      of: "unauthorized",
      when: /\bPERMISSION_DENIED\b|^HTTP 403\b/,
      shown: "403, PERMISSION_DENIED",
      means: "Whoever signs in is no user of the account.",
      todo: `Add the service account's e-mail, or the person, as a user: ${ACCESS}. If they are one of the manager account, set \`loginCustomerId\` to it.`,
    },
    {
      of: "unauthorized",
      when: /\bFAILED_PRECONDITION\b/,
      shown: "FAILED_PRECONDITION",
      means: "The account is not in the state that sending conversions needs: suspended, cancelled or not set up.",
      todo: "Open the account in Google Ads and clear what it warns of.",
    },
    {
      of: "retry",
      when: /\bCONVERSION_ACTION_TOO_RECENTLY_CREATED\b/,
      shown: "CONVERSION_ACTION_TOO_RECENTLY_CREATED",
      means: "The conversion action is so new that it takes no events yet.",
      todo: "Nothing: it is sent again after six hours.",
    },
    {
      of: "retry",
      when: /\bNOT_FOUND\b/,
      shown: "NOT_FOUND at a single event with a click id",
      means: "Google finds no such conversion action, or cannot make out the click id; it does not say which.",
      todo: "Nothing if others of the same action are delivered: the click id was made up. Otherwise compare the number in `events` with Google Ads → Goals → Summary.",
    },
    {
      of: "retry",
      when: /\b(?:RESOURCE_EXHAUSTED|RATE_LIMIT_EXCEEDED)\b/,
      shown: "429, RESOURCE_EXHAUSTED, RATE_LIMIT_EXCEEDED",
      means: "The Google Cloud project has used up its requests: 300 a minute, 100,000 a day.",
      todo: "Nothing: it is sent again when Google says. When it keeps happening, ask for a higher quota in the Google Cloud console, or raise `batchWindowSeconds`.",
      docs: "https://developers.google.com/data-manager/api/devguides/limits",
    },
    {
      of: "retry",
      when: /\b(?:INTERNAL|INTERNAL_ERROR|UNAVAILABLE|DEADLINE_EXCEEDED|ABORTED|CANCELLED)\b/,
      shown: "INTERNAL, UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, CANCELLED",
      means: "Google is in trouble; it said nothing about the event.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "rejected",
      when: /\bEVENT_TIME_INVALID\b/,
      shown: "EVENT_TIME_INVALID",
      means: "The event happened longer ago than Google takes, or in the future.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /\bINVALID_CURRENCY_CODE\b/,
      shown: "INVALID_CURRENCY_CODE",
      means: "Google does not know the currency.",
      todo: "Send `currency` as three letters of ISO 4217, such as EUR.",
    },
    {
      of: "rejected",
      when: /\b(?:NO_IDENTIFIERS_PROVIDED|INVALID_SHA256_FORMAT|INVALID_HEX_ENCODING|INVALID_POSTAL_CODE|INVALID_REGION_CODE)\b/,
      shown:
        "NO_IDENTIFIERS_PROVIDED, INVALID_SHA256_FORMAT, INVALID_HEX_ENCODING, INVALID_POSTAL_CODE, INVALID_REGION_CODE",
      means: "Google cannot read what the event says about the person.",
      todo: "Send e-mail, phone and address in clear, so that TrackLayer hashes them by Google's own rule; a digest of your own must be SHA-256 in hex.",
    },
    {
      of: "rejected",
      when: /\bINVALID_AD_IDENTIFIER_FOR_ACCOUNT\b|\bNOT_FOUND\b|\b(?:gclid|gbraid|wbraid)\b/,
      shown: "INVALID_AD_IDENTIFIER_FOR_ACCOUNT, NOT_FOUND beside events that are found",
      means: "The click id is of another account, or none of Google's.",
      todo: "Nothing for a single event: somebody's link was altered. When it is many, set `customerId` to the account whose ads bring the clicks.",
    },
    {
      of: "rejected",
      when: /\bEVENT_SOURCE_AND_DESTINATION_MISMATCH\b/,
      shown: "EVENT_SOURCE_AND_DESTINATION_MISMATCH",
      means:
        "The conversion action is for events of another place than this one, such as an app's for those of a website.",
      todo: "Give the event an action of the right kind in `events` or `customEvents`, or send the `action_source` where it really happened.",
    },
    {
      of: "rejected",
      when: /\b[A-Z]+(?:_[A-Z0-9]+)+\b/,
      shown: "INVALID_ARGUMENT, or any other reason at an event",
      means: "A field of the event is not as Google wants it; its words say which.",
      todo: "Mend the field that Google names in the sender. `npx tracklayer test <lane> event.json` with such an event has Google check it and count nothing.",
    },
    {
      of: "not_configured",
      when: /restates its purchase/,
      shown: "a refund restates its purchase",
      means:
        "Google knows a refund only as a new value of the same conversion, and the lane gives it another action than its purchase.",
      todo: "Give `refund` the number of `purchase` in `events` of the lane and deploy.",
    },
    {
      of: "not_configured",
      when: /refundRemainingValue/,
      shown: "Google cannot take a conversion back",
      means: "Google can only set another value for an order, which needs to know what is left of it.",
      todo: "Nothing, when refunds need not show in Google Ads. Otherwise read about `refundRemainingValue` in docs/destinations/google-ads.md.",
    },
    {
      of: "retry",
      when: /\bINVALID_ARGUMENT\b/,
      shown: "INVALID_ARGUMENT in a success",
      means: "Google answered with an error and a success at once.",
      todo: "Nothing: it is sent again, with the same transaction id.",
    },
  ],
};
