import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const TOKEN = "Events Manager → your pixel → Install pixel → Manual → Conversion API → Generate access token";

/** Known codes of the Ads API, which begin the reason. */
export const X: DestinationExplanations = {
  docs: "https://docs.x.com/x-ads-api/fundamentals/error-codes-and-responses",
  entries: [
    {
      of: "unauthorized",
      when: /\bevent[_ ]id\b/i,
      shown: "INVALID_PARAMETER, MISSING_PARAMETER about event_id",
      means: "The id that the lane gives for this event is no single event of the pixel.",
      todo: setting(
        "copy the id (`tw-<pixel>-<event>`) of an event in Events Manager into `events` or `customEvents` of the lane",
      ),
    },
    {
      of: "unauthorized",
      when: /\bWEB_EVENT_TAG_NOT_FOUND\b|^HTTP 404\b/,
      shown: "WEB_EVENT_TAG_NOT_FOUND, 404",
      means: "X knows no pixel or event with the ids of the lane.",
      todo: setting("compare `pixelId` and the ids in `events` with Events Manager and correct them"),
    },
    {
      of: "unauthorized",
      when: /\b(?:UNAUTHORIZED_CLIENT_APPLICATION|ACCOUNT_NOT_FOUND|ACTION_NOT_ALLOWED)\b|^HTTP 403\b/,
      shown: "UNAUTHORIZED_CLIENT_APPLICATION, ACCOUNT_NOT_FOUND, ACTION_NOT_ALLOWED, 403",
      means: "The token may not send conversions to this pixel, or the ad account is suspended.",
      todo: newCredential(
        `See in Ads Manager that the account is active, and make the token at the pixel of the settings: ${TOKEN}.`,
      ),
    },
    {
      of: "unauthorized",
      when: /\bUNAUTHORIZED_ACCESS\b|^HTTP 401\b/,
      shown: "UNAUTHORIZED_ACCESS, 401",
      means: "X does not take the token: it is wrong or revoked.",
      todo: newCredential(`Make a new one: ${TOKEN}.`),
    },
    {
      of: "retry",
      when: /\bTOO_MANY_REQUESTS\b/,
      shown: "TOO_MANY_REQUESTS",
      means: "The lane has sent as many events as X takes in 15 minutes.",
      todo: "Nothing: it is sent again when X's window ends. When it keeps happening, turn off events that nobody optimises for.",
      docs: "https://docs.x.com/x-ads-api/fundamentals/rate-limiting",
    },
    {
      of: "retry",
      when: /\b(?:OVER_CAPACITY|SERVICE_UNAVAILABLE|INTERNAL_ERROR|LOCKED)\b/,
      shown: "OVER_CAPACITY, SERVICE_UNAVAILABLE, INTERNAL_ERROR, LOCKED",
      means: "X is in trouble; it said nothing about the event.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "rejected",
      when: /\banswered 2\d\d with \d+ of/,
      shown: "a 200 that counts a part of the conversions",
      means: "X took a part of the request and does not say which; the parts are sent apart until that is known.",
      todo: "Nothing for this event alone. When it is many, look at the event in X's Events Manager.",
    },
    {
      of: "rejected",
      when: /\b(?:identifiers|hashed_email|hashed_phone_number|twclid|ip_address|user_agent)\b/i,
      shown: "INVALID_PARAMETER, MISSING_PARAMETER about identifiers",
      means: "X finds nobody by what the event says about the person.",
      todo: "Send a `twclid` as the landing page has it, or e-mail or phone in clear, so that TrackLayer hashes them by X's rule.",
    },
    {
      of: "rejected",
      when: /\bconversion_time\b/,
      shown: "INVALID_PARAMETER, MISSING_PARAMETER about conversion_time",
      means: "The event's time is not one that X takes.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /\b(?:INVALID_PARAMETER|MISSING_PARAMETER|INVALID)\b/,
      shown: "INVALID_PARAMETER, MISSING_PARAMETER, INVALID",
      means: "A field of the event is not as X wants it; its words say which.",
      todo: "Mend the field that X names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
    {
      of: "not_configured",
      when: /belongs to another pixel/,
      shown: "the event id … belongs to another pixel than …",
      means: "The id that the lane gives for this event is one of another pixel.",
      todo: "Copy the event's id from the pixel of `pixelId` into `events` or `customEvents` of the lane and deploy.",
    },
  ],
};
