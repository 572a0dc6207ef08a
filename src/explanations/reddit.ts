import type { DestinationExplanations } from "./entry.ts";
import { newCredential, setting } from "./remedies.ts";

const TOKEN = "Events Manager → Conversions API → Generate Access Token";

/** Known answers of the Conversions API v3. */
export const REDDIT: DestinationExplanations = {
  docs: "https://ads-api.reddit.com/docs/v3/capi-direct-integration",
  entries: [
    {
      of: "unauthorized",
      when: /\badsconversions\b/i,
      shown: "Missing adsconversions scope",
      means: "The token was made without the right to send conversions.",
      todo: newCredential(`Make a conversion access token: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /\bnot authorized to post\b|^HTTP 403\b/i,
      shown: "403, not authorized to post conversions to Pixel ID",
      means: "The token is good, but of another account than the pixel.",
      todo: newCredential(
        `Choose the pixel's account in Reddit Ads and make the token there: ${TOKEN}. Compare \`settings.pixelId\` too.`,
      ),
    },
    {
      of: "unauthorized",
      when: /\bpixel\b|^HTTP 404\b/i,
      shown: "Invalid pixel ID, 404",
      means: "Reddit knows no pixel with the id of the lane's settings.",
      todo: setting("set `pixelId` to the id in Events Manager, such as `a2_…`"),
    },
    {
      of: "unauthorized",
      when: /^HTTP 401\b|\bunauthorized\b|\b(?:access|bearer) token\b/i,
      shown: "401, UNAUTHORIZED, No bearer token provided",
      means: "Reddit does not take the token: it is wrong or revoked.",
      todo: newCredential(`Make a new one: ${TOKEN}.`),
    },
    {
      of: "rejected",
      when: /\bevent_at\b/,
      shown: "event_at",
      means: "The event's time is outside of what Reddit takes: 7 days back, five minutes ahead.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /\b(?:email|phone_number|external_id)\b/,
      shown: "user.email, user.phone_number, user.external_id",
      means: "Reddit does not take what the event says about the person.",
      todo: "Send e-mail and phone in clear, so that TrackLayer hashes them by Reddit's own rule.",
    },
    {
      of: "rejected",
      when: /\bunknown field\b|\bJSON error\b|\baction_source\b|\btype\b/,
      shown: "unknown field, JSON error, action_source, type",
      means: "The form of the event is not what Reddit reads: its API has changed, or an event's name does not fit.",
      todo: "Check the name in `events` or `customEvents` of the lane; if it is right, run `npx tracklayer preview <lane> event.json` and report it.",
    },
    {
      of: "rejected",
      when: /^HTTP (?:2\d\d|400|422)\b/,
      shown: "400 with any other words",
      means: "Reddit refuses the event for the reason that it gives, and processes nothing of its request.",
      todo: "Mend what Reddit names in the sender. Without a name, send such an event with `npx tracklayer test <lane>`.",
    },
  ],
};
