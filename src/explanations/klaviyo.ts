import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const KEY = "Klaviyo → Settings → API keys → Create private API key, with the scope `events:write`";

/** Known codes of Klaviyo's JSON:API errors. */
export const KLAVIYO: DestinationExplanations = {
  docs: "https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling",
  entries: [
    {
      of: "unauthorized",
      when: /\brevision\b/i,
      shown: "404, 410, invalid_revision, revision",
      means: "Klaviyo no longer serves the revision of its API that the lane speaks.",
      todo: setting("set `revision` to a newer date, or take it out to get the newest that we know"),
      docs: "https://developers.klaviyo.com/en/docs/api_versioning_and_deprecation_policy",
    },
    {
      of: "unauthorized",
      when: /\bpermission_denied\b|^HTTP 403\b/,
      shown: "403, permission_denied",
      means: "The key may not write events.",
      todo: newCredential(`Keys cannot be changed, so make a new one: ${KEY}.`),
    },
    {
      of: "unauthorized",
      when: /\b(?:authentication_failed|not_authenticated)\b|^HTTP 401\b/,
      shown: "401, authentication_failed, not_authenticated",
      means: "Klaviyo does not take the key: it is wrong, deleted, or a public one.",
      todo: newCredential(`Make a private one (\`pk_…\`): ${KEY}.`),
    },
    {
      of: "retry",
      when: /\bthrottled\b/,
      shown: "429, throttled",
      means: "The account gets more requests than Klaviyo takes.",
      todo: "Nothing: it is sent again when Klaviyo says. With `orderedProducts` only 150 purchases a minute pass; turn it off if the backlog keeps growing.",
    },
    {
      of: "retry",
      when: /^HTTP 5\d\d: error\b/,
      shown: "5xx, error",
      means: "Klaviyo is in trouble; it said nothing about the event.",
      todo: PASSES_OR_STATUS_PAGE,
      docs: "https://status.klaviyo.com",
    },
    {
      of: "rejected",
      when: /\bduplicate_profile\b/,
      shown: "409, duplicate_profile",
      means: "Klaviyo holds the event's e-mail, phone and id as those of two people.",
      todo: "Merge the two profiles in Klaviyo, and send each person's own `user_id`.",
    },
    {
      of: "rejected",
      when: /\bemail\b/i,
      shown: "invalid … email",
      means: "Klaviyo does not take the e-mail address.",
      todo: "Check addresses in the form before they are sent: Klaviyo refuses what can receive no mail.",
    },
    {
      of: "rejected",
      when: /\bphone/i,
      shown: "invalid … phone_number",
      means: "Klaviyo does not take the phone number.",
      todo: "Send phone numbers with their country code, or `user.country` with them, and set `defaultCountry`.",
    },
    {
      of: "rejected",
      when: /\b(?:invalid|required)\b/,
      shown: "invalid, required",
      means: "A field of the event is not as Klaviyo wants it; its words say where.",
      todo: "Mend the field that Klaviyo points at in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
  ],
};
