import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const FIELD = /\bFIELD_VALUE_IS_(?:INVALID|NULL|OUT_OF_RANGE|EMPTY)\b/;

/** Known codes of the Events API; they come with the row, inside of a 207, or with the whole answer. */
export const AMAZON_ADS: DestinationExplanations = {
  docs: "https://advertising.amazon.com/API/docs/en-us/guides/events/events",
  entries: [
    {
      of: "unauthorized",
      when: /^access token: invalid_grant/,
      shown: "access token: invalid_grant",
      means: "The account's owner has taken back what they allowed your app, or the refresh token is another app's.",
      todo: newCredential(
        "Have the owner sign in through your Login with Amazon profile again with the scope `advertising::campaign_management`, and take the new `refreshToken`.",
      ),
    },
    {
      of: "unauthorized",
      when: /\bPAYMENT_ISSUE\b/,
      shown: "PAYMENT_ISSUE",
      means: "Amazon has stopped the advertising account over a payment.",
      todo: "Settle it in the Ads console → Billing and payments.",
    },
    {
      of: "unauthorized",
      when: /\b(?:FEATURE_NOT_AVAILABLE|FEATURE_DISCONTINUED|ACCOUNT_NOT_ELIGIBLE|ACCESS_DENIED_FOR_MANAGER_ACCOUNT|UNSUPPORTED_MARKETPLACE)\b/,
      shown:
        "FEATURE_NOT_AVAILABLE, FEATURE_DISCONTINUED, ACCOUNT_NOT_ELIGIBLE, ACCESS_DENIED_FOR_MANAGER_ACCOUNT, UNSUPPORTED_MARKETPLACE",
      means:
        "Amazon does not take events for this account: it has no DSP, is a manager's, or is in a country without them.",
      todo: "Set `accountId` to an advertiser of DSP rather than a manager; otherwise ask Amazon's support to open Events Manager for it.",
    },
    {
      of: "unauthorized",
      when: /\bdataSetName\b/,
      shown: "FIELD_VALUE_IS_INVALID … dataSetName",
      means: "Amazon knows no data set of the name that the lane's settings give.",
      todo: setting("set `dataSet` to the name that Events Manager shows, or leave it out for `Default_Events`"),
    },
    {
      of: "unauthorized",
      when: /\bNOT_FOUND\b|\bAmazon-Ads-AccountId\b|^HTTP 4(?:0[45]|10)\b/i,
      shown: "404, NOT_FOUND; 400, Amazon-Ads-AccountId",
      means: "Amazon knows no such account in this region.",
      todo: setting(
        "correct `region` and `accountId` (the advertiser's number in DSP, not the `ENTITY…` of the address)",
      ),
    },
    {
      of: "unauthorized",
      when: /\bFORBIDDEN\b|^HTTP 403\b/,
      shown: "403, FORBIDDEN",
      means: "Whoever signed in may not send events for this account or data set.",
      todo: "Make them admin of the DSP advertiser, or give them the Events Manager permission; check `accountId`, `region` and `dataSet` too.",
    },
    {
      of: "unauthorized",
      when: /\bUNAUTHORIZED\b|^HTTP 401\b/,
      shown: "401, UNAUTHORIZED",
      means: "Amazon does not take the access token, and a new one was no better.",
      todo: newCredential(
        "Copy `clientId` and `clientSecret` from your Login with Amazon profile, and have the owner sign in through it again.",
      ),
    },
    {
      of: "retry",
      when: /\bTOO_MANY_REQUESTS\b/,
      shown: "429, TOO_MANY_REQUESTS",
      means: "The lane sends faster than Amazon takes just now; the limit moves with its load.",
      todo: "Nothing: it is sent again. When the backlog keeps growing, raise the lane's `batchWindowSeconds`.",
    },
    {
      of: "retry",
      when: /\b(?:INTERNAL_ERROR|CONFLICT)\b/,
      shown: "INTERNAL_ERROR, CONFLICT",
      means: "Amazon is in trouble; it said nothing about the event.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "rejected",
      when: /\bmatchKeys\b/,
      shown: "FIELD_VALUE_IS_INVALID … matchKeys",
      means: "Amazon does not take what the event says about the person.",
      todo: "Send e-mail, phone and address in clear, so that TrackLayer hashes them by Amazon's own rule.",
    },
    {
      of: "rejected",
      when: /\bcountryCode\b/,
      shown: "FIELD_VALUE_IS_NULL … countryCode",
      means: "Amazon takes no event without the person's country.",
      todo: "Send `user.country`, or set `country` in the lane's `settings` for events without.",
    },
    {
      of: "rejected",
      when: FIELD,
      shown: "FIELD_VALUE_IS_INVALID, FIELD_VALUE_IS_NULL, FIELD_VALUE_IS_OUT_OF_RANGE",
      means: "A field of the event is not as Amazon wants it; its words say which.",
      todo: "Mend the field that Amazon names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
    {
      of: "rejected",
      when: /\bCONTENT_TOO_LARGE\b|^HTTP 413\b/,
      shown: "413, CONTENT_TOO_LARGE",
      means: "The event is larger than Amazon takes, even alone in its request.",
      todo: "List fewer or shorter properties in `attributes` of the lane.",
    },
    {
      of: "rejected",
      when: /\b(?:BAD_REQUEST|INVALID_INPUT)\b|^refused without a reason/,
      shown: "BAD_REQUEST, INVALID_INPUT, or no code",
      means: "Amazon refuses the event and hardly says why.",
      todo: "Look at the event in Events Manager, and at `npx tracklayer preview <lane> event.json`: mostly it is the type, the country or the consent.",
    },
    {
      of: "incomplete",
      when: /\bconsent signal\b/,
      shown: "needs a consent signal in Europe",
      means: "For people in Europe Amazon takes no event that does not say what they agreed to.",
      todo: "Have the consent banner send `consent.ad_user_data`, or the event `user.ip`, with every event.",
    },
    {
      of: "incomplete",
      when: /\bcountry\b/,
      shown: "needs the person's country",
      means: "Amazon takes no event without the person's country.",
      todo: "Send `user.country`, or set `country` in the lane's `settings` for events without, and deploy.",
    },
  ],
};
