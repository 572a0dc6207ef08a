import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const TOKEN = "Events Manager → the pixel, app or event set → Settings → Generate access token.";

/** Known codes of the Events API, which begin the reason; TikTok says HTTP 200 to nearly all of them. */
export const TIKTOK: DestinationExplanations = {
  docs: "https://business-api.tiktok.com/portal/docs",
  entries: [
    {
      of: "unauthorized",
      when: /^40001\b/,
      shown: "40001",
      means: "The token may not send events to this pixel, app or event set.",
      todo: newCredential(`Make the token where the id of the lane's settings is: ${TOKEN}`),
    },
    {
      of: "unauthorized",
      when: /^40102\b/,
      shown: "40102",
      means: "The access token has expired.",
      todo: newCredential(`Make a new one: ${TOKEN}`),
    },
    {
      of: "unauthorized",
      when: /^4010[45]\b|^HTTP 401\b/,
      shown: "40104, 40105",
      means: "The access token is empty, wrong or revoked.",
      todo: newCredential(`Make a new one: ${TOKEN}`),
    },
    {
      of: "unauthorized",
      when: /^40002\b.*\btest_event_code\b/,
      shown: "40002 about test_event_code",
      means: "TikTok does not know the code that marks test events; they change.",
      todo: setting("set `testEventCode` to the code in Events Manager → Test events"),
    },
    {
      of: "unauthorized",
      when: /^40007\b|^40002\b.*\bevent_source/,
      shown: "40007, or 40002 about event_source or event_source_id",
      means: "TikTok knows no pixel, app or event set with the id of the lane's settings.",
      todo: setting("correct `pixelCode`, `appId`, `offlineEventSetId` or `crmEventSetId`"),
    },
    {
      of: "retry",
      when: /^40100\b/,
      shown: "40100",
      means: "The lane sends faster than TikTok takes.",
      todo: "Nothing: it is sent again. When the backlog keeps growing, lower the lane's `maxConcurrency`.",
    },
    {
      of: "retry",
      when: /^(?:40700|5\d{4})\b/,
      shown: "40700, from 50000 on",
      means: "TikTok is in trouble; it said nothing about the event.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "rejected",
      when: /^40002\b.*\bevent_time\b/,
      shown: "40002 about event_time",
      means: "The event's time is not one that TikTok takes.",
      todo: "Check the sender's clock, and send events when they happen.",
    },
    {
      of: "rejected",
      when: /^(?:40002|20001)\b.*\b(?:email|phone|external_id)\b/,
      shown: "40002, 20001 about email, phone or external_id",
      means: "TikTok does not take the e-mail, phone or id: it is no digest as TikTok wants it.",
      todo: "Send e-mail and phone in clear, so that TrackLayer hashes them by TikTok's rule; a digest of your own must be SHA-256 in hex.",
    },
    {
      of: "rejected",
      when: /^20001\b/,
      shown: "20001",
      means: "TikTok took the other events of the request, and not this one.",
      todo: "Mend the field that TikTok names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
    {
      of: "rejected",
      when: /^40002\b/,
      shown: "40002",
      means: "A field of the event is not as TikTok wants it; its words say which.",
      todo: "Mend the field that TikTok names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
  ],
};
