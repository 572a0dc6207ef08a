import type { DestinationExplanations } from "./entry.ts";
import { newCredential, setting } from "./remedies.ts";

const TOKEN =
  "Ads Manager → Business Details → Conversions API Tokens, as an admin of the organisation that owns pixel and app";

/** Known answers of the Conversions API v3. */
export const SNAPCHAT: DestinationExplanations = {
  docs: "https://developers.snap.com/api/marketing-api/Conversions-API/Introduction",
  entries: [
    {
      of: "unauthorized",
      when: /\b(?:pixel|snap app|asset)[ _]id\b|\b(?:invalid|unknown|no such) (?:pixel|snap app|asset)\b|^HTTP 404\b/i,
      shown: "Invalid pixel ID, 404",
      means: "Snapchat knows no pixel or app with the id of the lane's settings.",
      todo: setting("set `pixelId` to the id in Events Manager, `snapAppId` to that of the Snap App"),
    },
    {
      of: "unauthorized",
      when: /^HTTP 403\b|\bpermission\b/i,
      shown: "403, No permission",
      means: "The token is of another organisation than the pixel or the app.",
      todo: newCredential(`Make a token in theirs: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /\btoken\b|^HTTP 401\b|unauthori[sz]ed/i,
      shown: "401, Invalid access token",
      means: "Snapchat does not take the token: it is wrong or revoked.",
      todo: newCredential(`Make a new one: ${TOKEN}.`),
    },
    {
      of: "rejected",
      when: /TIMESTAMP|\bevent_time\b/i,
      shown: "INVALID_TIMESTAMP, event_time",
      means: "The event's time is outside of what Snapchat takes: 37 days back, and nothing ahead.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /\b(?:price|currency|value)\b/i,
      shown: "price is missing, currency",
      means: "The amount is missing, or in a currency that Snapchat does not take.",
      todo: "Send `value` and `currency` with purchases; for a currency that Snapchat lacks, give the lane a `value` rule.",
    },
    {
      of: "rejected",
      when: /\bPII\b/i,
      shown: "INSUFFICIENT_PII",
      means: "What the event says about the person is not enough for Snapchat.",
      todo: "Send an e-mail or a phone, or the person's public IP address together with their user agent.",
    },
    {
      of: "rejected",
      when: /\bhashed\b/i,
      shown: "client_ip_address is hashed, … is not hashed",
      means:
        "Snapchat wants addresses and user agents in clear and people's data hashed, and got one of them the other way.",
      todo: "Send all of them in clear: TrackLayer hashes what Snapchat wants hashed.",
    },
    {
      of: "rejected",
      when: /^HTTP (?:2\d\d|400|422)\b/,
      shown: "INVALID, with any other reason",
      means: "Snapchat refuses the event for the reason that it gives.",
      todo: "Mend the field that Snapchat names. `npx tracklayer test <lane> event.json` with such an event asks its validation for more words.",
    },
  ],
};
