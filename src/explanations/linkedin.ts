import type { DestinationExplanations } from "./entry.ts";
import { newCredential, setting } from "./remedies.ts";

const TOKEN = "Campaign Manager → Data → Signals Manager → your direct API integration → Generate token";
const VERSIONING = "https://learn.microsoft.com/en-us/linkedin/marketing/versioning";

/** Known answers of the Conversions API. */
export const LINKEDIN: DestinationExplanations = {
  docs: "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling",
  entries: [
    {
      of: "unauthorized",
      when: /should be CONVERSIONS_API/,
      shown: "Conversion's method should be CONVERSIONS_API",
      means: "The conversion rule was made for the Insight Tag and takes no events from servers.",
      todo: `Make a rule with the source “Conversions API”: Campaign Manager → Measurement → Conversion tracking. ${setting("put its number into `events` or `customEvents` of the lane")}`,
    },
    {
      of: "rejected",
      when: /should be CONVERSIONS_API/,
      shown: "the same, in a request that has other events beside it",
      means:
        "A conversion rule in the request was made for the Insight Tag; which one is found out by sending its parts.",
      todo: "Name only rules with the source “Conversions API” in `events` and `customEvents` of the lane.",
    },
    {
      of: "unauthorized",
      when: /\b(?:NONEXISTENT_VERSION|VERSION_MISSING|DEPRECATED_VERSION)\b|^HTTP 426\b/,
      shown: "426, NONEXISTENT_VERSION, VERSION_MISSING, DEPRECATED_VERSION",
      means: "LinkedIn no longer serves the version of its API that the lane speaks.",
      todo: setting("set `apiVersion` to a month of the last year, or take it out to get the newest that we know"),
      docs: VERSIONING,
    },
    {
      of: "unauthorized",
      when: /\bEXPIRED_ACCESS_TOKEN\b|\/65602\b/,
      shown: "EXPIRED_ACCESS_TOKEN",
      means: "The access token has expired; those of LinkedIn's token tool last 60 days.",
      todo: newCredential(`Make one that lasts: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /\bREVOKED_ACCESS_TOKEN\b|\/65601\b/,
      shown: "REVOKED_ACCESS_TOKEN (65601)",
      means: "The person whose token this is has taken it back, or changed their password.",
      todo: newCredential(`Sign in again and make a new one: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /^HTTP 401\b/,
      shown: "401, INVALID_ACCESS_TOKEN (65600), EMPTY_ACCESS_TOKEN (65604)",
      means: "LinkedIn does not take the access token: it is wrong, cut off or missing.",
      todo: newCredential(`Make a new one: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /^HTTP 403\b/,
      shown: "403, ACCESS_DENIED",
      means:
        "Whoever made the token may not send conversions for this ad account, or their app lacks the product Conversions API.",
      todo: "Give them the role account manager, campaign manager, creative manager or billing admin in Campaign Manager → Account settings → Manage access; for an app of your own, request the Conversions API with `rw_conversions`.",
    },
    {
      of: "unauthorized",
      when: /^HTTP 404\b/,
      shown: "404",
      means: "LinkedIn knows no conversion rule with this number, or the app may not use this API.",
      todo: setting(
        "compare the numbers in `events` and `customEvents` of the lane with the addresses of the rules in Campaign Manager and correct them",
      ),
    },
    {
      of: "rejected",
      when: /90 days/,
      shown: "older than 90 days, should be within 90 days",
      means: "The event happened longer ago than LinkedIn takes, or in the future.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /\/user\/userIds/,
      shown: "/user/userIds",
      means: "The event names nobody in a way that LinkedIn takes.",
      todo: "Send an e-mail, a `li_fat_id`, or first and last name.",
    },
    {
      of: ["unauthorized", "rejected"],
      when: /\/conversion\b/,
      shown: "/conversion",
      means: "What the lane gives as the number of the conversion rule is none.",
      todo: setting("put the rule's number into `events` or `customEvents` of the lane"),
    },
    {
      of: "rejected",
      when: /\bERROR ::|^HTTP 4(?:00|22): |^HTTP 422\b/,
      shown: "400, 422, ERROR :: …",
      means: "A field of the event is not as LinkedIn wants it; its words say which.",
      todo: "Mend the field that LinkedIn names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent and where it comes from.",
    },
    {
      of: "retry",
      when: /^HTTP 429\b/,
      shown: "429",
      means: "The app has used up its requests: 600 a minute, and a number for each day.",
      todo: "Nothing: it is sent again; a day's limit comes back at midnight UTC. When it keeps happening, raise the lane's `batchWindowSeconds`.",
    },
  ],
};
