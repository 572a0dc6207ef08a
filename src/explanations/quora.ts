import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const TOKEN = "Quora Ads Manager → Pixels & Events → Conversion API → Generate token";

/** What Quora's answers say by their words: it publishes no codes. */
export const QUORA: DestinationExplanations = {
  entries: [
    {
      of: "unauthorized",
      when: /PERMISSION|FORBIDDEN|^HTTP 403\b/i,
      shown: "403, FORBIDDEN, PERMISSION_DENIED",
      means: "The token is of another ads account than the one in the lane's settings.",
      todo: newCredential(`Choose that account and make a token there: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /UNAUTHORIZED|UNAUTHENTICATED|^HTTP 401\b/i,
      shown: "401, UNAUTHORIZED",
      means: "Quora does not take the token: it is wrong or was replaced by another.",
      todo: newCredential(`Make a new one: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /^HTTP 4(?:0[45]|10)\b/,
      shown: "404, 405, 410",
      means: "Quora's Conversion API is no longer at the address that this version of TrackLayer asks.",
      todo: "Update TrackLayer and deploy.",
    },
    {
      of: "unauthorized",
      when: /\baccount(?:\b|_)/i,
      shown: "account not found; 400, account_id",
      means: "Quora knows no ads account with the id of the lane's settings.",
      todo: setting("set `accountId` to the number in the address of Ads Manager"),
    },
    {
      of: "retry",
      when: /\b(?:RATE|THROTTLED|INTERNAL|TIMEOUT|UNAVAILABLE)/,
      shown: "RATE_LIMITED, INTERNAL_ERROR",
      means: "Quora is in trouble or gets too many events; it said nothing about this one.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "rejected",
      when: /TIMESTAMP/i,
      shown: "INVALID_TIMESTAMP",
      means: "The event happened longer ago than Quora takes.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /^(?!HTTP 413)/,
      shown: "a row that is not OK",
      means: "Quora took the other events of the request, and not this one; it publishes no list of its reasons.",
      todo: "Mend what its words name in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
  ],
};
