import type { DestinationExplanations } from "./entry.ts";
import { newCredential, setting } from "./remedies.ts";

const TOKEN = "Ads Manager → Conversions → Conversions API → Generate token";

/** Known answers of the Conversions API v5. */
export const PINTEREST: DestinationExplanations = {
  docs: "https://developers.pinterest.com/docs/api/v5/events-create",
  entries: [
    {
      of: "unauthorized",
      when: /^HTTP 401\b/,
      shown: "401, code 2",
      means: "Pinterest does not take the token: it is wrong or revoked.",
      todo: newCredential(`Make a new conversion token: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /^HTTP 403\b/,
      shown: "403, code 29",
      means: "The token's maker may not send events to this ad account.",
      todo: newCredential(
        `Have the account's owner, or its admin, analyst, audience or campaign manager make the token: ${TOKEN}.`,
      ),
    },
    {
      of: "unauthorized",
      when: /^HTTP 404\b|\bad[_ ]account(?:_id)?\b/i,
      shown: "404, Invalid ad_account_id",
      means: "Pinterest knows no ad account with the id of the lane's settings.",
      todo: setting("set `adAccountId` to the number in the address of Ads Manager"),
    },
    {
      of: "rejected",
      when: /\bevent_time\b.*\bold\b/,
      shown: "event_time is too old",
      means: "The event came to Pinterest later after it happened than it takes.",
      todo: "Send events when they happen, and check the sender's clock.",
    },
    {
      of: "rejected",
      when: /\bcode 4196\b|^HTTP 400\b/,
      shown: "400, code 4196",
      means: "The form of the event is not Pinterest's: a field is unknown, missing or of the wrong type.",
      todo: "Mend the field that Pinterest names. If the sender did not choose it, run `npx tracklayer preview <lane> event.json` and report it.",
    },
    {
      of: "rejected",
      when: /^HTTP 422\b|^(?!HTTP )/,
      shown: "422, or a row that failed",
      means: "Pinterest took the other events of the request, and not this one.",
      todo: "Mend what Pinterest names in the sender. Without words, run `npx tracklayer test <lane> event.json` with such an event: the test mode says more.",
    },
    {
      of: "retry",
      when: /\bcode 8\b/,
      shown: "429, code 8",
      means: "The ad account gets more requests than Pinterest takes, 5,000 a minute.",
      todo: "Nothing: it is sent again. When the backlog keeps growing, raise the lane's `batchWindowSeconds`.",
    },
    {
      of: "retry",
      when: /\bcode 4197\b/,
      shown: "503, code 4197",
      means: "Pinterest has turned its endpoint down for now, because it has too much to do.",
      todo: "Nothing: it is sent again after ten minutes.",
    },
    {
      of: "retry",
      when: /\ba row that says neither\b/,
      shown: "a row that says neither processed nor failed",
      means: "Pinterest answered without saying whether it took this event.",
      todo: "Nothing: it is sent again, with the same id.",
    },
  ],
};
