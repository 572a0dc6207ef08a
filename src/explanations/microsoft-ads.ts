import type { DestinationExplanations } from "./entry.ts";
import { newCredential, setting } from "./remedies.ts";

const TOKEN = "Microsoft Advertising → Conversions → UET tag → your tag → Set up tagging → Use Conversions API";

/** Known answers of the UET Conversions API. */
export const MICROSOFT_ADS: DestinationExplanations = {
  docs: "https://learn.microsoft.com/en-us/advertising/guides/uet-conversion-api-integration",
  entries: [
    {
      of: "unauthorized",
      when: /^HTTP 404\b/,
      shown: "404",
      means: "Microsoft knows no UET tag with the id of the lane's settings.",
      todo: setting("set `tagId` to the number of the tag in Microsoft Advertising → Conversions → UET tag"),
    },
    {
      of: "unauthorized",
      when: /^HTTP 403\b/,
      shown: "403, Forbidden",
      means: "Microsoft has not opened its Conversions API for this account.",
      todo: "Ask your account manager at Microsoft, or its support, to open the Conversions API for the account.",
    },
    {
      of: "unauthorized",
      when: /\bUnauthorized\b|^HTTP 401\b/,
      shown: "401, Unauthorized",
      means: "Microsoft does not take the token: it is wrong, of another tag, or less than a quarter of an hour old.",
      todo: newCredential(
        `Wait for a quarter of an hour after making a token. Otherwise make a new one for this tag: ${TOKEN}.`,
      ),
    },
    {
      of: "rejected",
      when: /\beventTime\b|\bTooOld\b/,
      shown: "TooOld, eventTime",
      means: "The event's time is outside of what Microsoft takes: 7 days back, and nothing ahead.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /\buserData\b/,
      shown: "userData.…",
      means: "Microsoft does not take what the event says about the person.",
      todo: "Send e-mail and phone in clear, so that TrackLayer hashes them by Microsoft's own rule.",
    },
    {
      of: "rejected",
      when: /\bInvalidArgument\b|^(?!HTTP )/,
      shown: "InvalidArgument, or an event that `details` name",
      means: "A field of the event is not as Microsoft wants it; its words say which.",
      todo: "Mend the field that Microsoft names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
  ],
};
