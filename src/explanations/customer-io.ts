import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

/** Known answers of the Track API's batches. */
export const CUSTOMER_IO: DestinationExplanations = {
  docs: "https://docs.customer.io/api/track/#operation/batch",
  entries: [
    {
      of: "unauthorized",
      when: /\bthe other region\b/,
      shown: "301, 302, 307, 308",
      means: "The account's data is kept in the other region.",
      todo: setting("set `region` to the one that Customer.io → Settings → Privacy shows"),
    },
    {
      of: "unauthorized",
      when: /^HTTP 40[13]\b/,
      shown: "401, 403, Unauthorized request",
      means:
        "Customer.io does not take the credentials: site id and key are not of one workspace, or of the other region.",
      todo: newCredential(
        "Copy both from the same line: Customer.io → Settings → Account settings → API credentials → Track API keys; and compare `region`.",
      ),
    },
    {
      of: "unauthorized",
      when: /^HTTP 4(?:0[45]|10)\b/,
      shown: "404, 405, 410",
      means: "Customer.io's Track API is no longer at the address that this version of TrackLayer asks.",
      todo: "Update TrackLayer and deploy.",
    },
    {
      of: "retry",
      when: /^HTTP 429\b/,
      shown: "429",
      means: "The workspace gets more requests than Customer.io takes.",
      todo: "Nothing: it is sent again. When the backlog keeps growing, raise the lane's `batchWindowSeconds`.",
    },
    {
      of: "retry",
      when: /is not how Customer\.io takes a batch/,
      shown: "a 2xx that is not Customer.io's",
      means: "Customer.io answered without saying that it took the events.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: ["rejected", "retry"],
      when: /without saying which/,
      shown: "Customer.io refused part of the batch without saying which",
      means: "Customer.io refused something about this event and does not say where it stands.",
      todo: "Look the event up in Customer.io → Activity log, and mend what its words name in the sender.",
    },
    {
      of: "rejected",
      when: /\bidentifiers?\b/,
      shown: "invalid: identifiers",
      means: "Customer.io does not take what the person is identified by in this workspace.",
      todo: setting("keep in `identifyBy` only identifiers that are switched on in the settings of the workspace"),
    },
    {
      of: "rejected",
      when: /\bname\b/,
      shown: "name: cannot be blank",
      means: "The event has no name that Customer.io takes.",
      todo: "Give the event a name in `events` or `customEvents` of the lane and deploy.",
    },
    {
      of: "rejected",
      when: /^(?:Customer\.io refused it|HTTP 400)\b/,
      shown: "400, or an entry that `errors` name",
      means: "Customer.io refuses the event for the reason that it gives.",
      todo: "Mend the field that it names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
    {
      of: "incomplete",
      when: /\bneeds one of\b/,
      shown: "needs one of id, email, …",
      means: "The event has none of the identifiers that the lane may file people under.",
      todo: "Send `user.user_id` or an e-mail in clear, or add `anonymous_id` to `identifyBy` of the lane to file visitors too.",
    },
  ],
};
