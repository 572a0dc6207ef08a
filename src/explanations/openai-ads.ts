import type { DestinationExplanations } from "./entry.ts";
import { newCredential, setting } from "./remedies.ts";

const KEY = "OpenAI's Ads Manager → Conversions → Conversions API keys";

/** Answers seen from OpenAI's Conversions API, which documents none. */
export const OPENAI_ADS: DestinationExplanations = {
  docs: "https://developers.openai.com/ads/conversions-api",
  entries: [
    {
      of: "unauthorized",
      when: /\bpixel[ _]?id\b|\b(?:invalid|unknown|no such) pixel\b|^HTTP 404\b/i,
      shown: "404, pixel_id",
      means:
        "OpenAI knows no pixel with the id of the lane's settings, or the account may not use its Conversions API yet.",
      todo: setting("set `pixelId` to the id in Ads Manager → Conversions"),
    },
    {
      of: "unauthorized",
      when: /^HTTP 403\b|\bpermission\b/i,
      shown: "403, No access to this pixel",
      means: "The key is of another ad account than the pixel.",
      todo: newCredential(`Make one in the pixel's account: ${KEY}.`),
    },
    {
      of: "unauthorized",
      when: /\bapi[ _]?key\b|^HTTP 401\b|unauthori[sz]ed|authentication/i,
      shown: "401, invalid_api_key, Incorrect API key",
      means:
        "OpenAI does not take the key: it is wrong, revoked, or one of its developer platform or its Ads API, which do not do.",
      todo: newCredential(`Make a key of the Conversions API: ${KEY}.`),
    },
    {
      of: "rejected",
      when: /\btimestamp_ms\b/,
      shown: "timestamp_ms",
      means: "The event happened longer ago than OpenAI takes: 7 days.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /\btype\b/,
      shown: "events.….type",
      means: "OpenAI takes no event of this type.",
      todo: "Give the event one of OpenAI's names, or one of your own, in `events` or `customEvents` of the lane and deploy.",
    },
    {
      of: "rejected",
      when: /\b(?:invalid_value|invalid_request|missing_required_parameter)\b/,
      shown: "invalid_value, invalid_request",
      means: "A field of the event is not as OpenAI wants it; its words say which.",
      todo: "Mend the field that OpenAI names in the sender. `npx tracklayer test <lane> event.json` with such an event has OpenAI check it and keep nothing.",
    },
  ],
};
