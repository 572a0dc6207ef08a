import type { DestinationExplanations } from "./entry.ts";
import { newCredential } from "./remedies.ts";

/** Known answers of the Measurement Protocol; only its debug endpoint, which the test mode asks, says more than a status. */
export const GA4: DestinationExplanations = {
  docs: "https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events",
  entries: [
    {
      of: "rejected",
      when: /\bNAME_(?:RESERVED|INVALID|DUPLICATED)\b/,
      shown: "NAME_INVALID, NAME_RESERVED, NAME_DUPLICATED",
      means:
        "GA4 takes no event or parameter of this name: it is reserved, too long, given twice, or has other characters than letters, digits and `_`.",
      todo: "Give the event another name in `events` or `customEvents`, or the parameter in `eventParameters` of the lane, and deploy.",
    },
    {
      of: "rejected",
      when: /\bcurrency\b/i,
      shown: "VALUE_INVALID … currency",
      means: "The currency is not one that GA4 knows.",
      todo: "Send `currency` as three letters of ISO 4217, such as EUR.",
    },
    {
      of: "rejected",
      when: /\bVALUE_(?:INVALID|REQUIRED|OUT_OF_BOUNDS)\b|\bINTERNAL_ERROR\b/,
      shown: "VALUE_INVALID, VALUE_REQUIRED, VALUE_OUT_OF_BOUNDS",
      means: "A parameter of the event is missing, of the wrong type, or out of GA4's limits.",
      todo: "Mend the field that GA4 names in the sender.",
    },
    {
      of: "rejected",
      when: /\bEXCEEDED_MAX_ENTITIES\b/,
      shown: "EXCEEDED_MAX_ENTITIES",
      means: "The event has more parameters or items than GA4 takes.",
      todo: "List fewer parameters in `eventParameters` of the lane, or send fewer items.",
    },
    {
      of: "unauthorized",
      when: /^HTTP 40[13]\b/,
      shown: "401, 403",
      means:
        "Google refuses the request before it looks at it, which it hardly ever does: a wrong secret is answered like a right one.",
      todo: newCredential(
        "Check `measurementId`, and make a new secret: Admin → Data streams → your stream → Measurement Protocol API secrets.",
      ),
    },
    {
      of: "retry",
      when: /^an unreadable validation answer/,
      shown: "an unreadable validation answer",
      means: "The debug endpoint's answer was cut off; it records nothing, so nothing is doubled.",
      todo: "Nothing: it is asked again.",
    },
    {
      of: "incomplete",
      when: /\bno GA client id\b/,
      shown: "no GA client id",
      means: "The event does not say which browser it belongs to, and one made up would count as a new visitor.",
      todo: 'Send the cookie `_ga` (our SDK does) or `browser_ids.ga_client_id`; or set `clientIdFallback: "anonymous_id"` if no tag counts the same people.',
    },
  ],
};
