import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const TOKEN = "Events Manager → your dataset → Settings → Conversions API → Generate access token";
const SYSTEM_USER =
  "Make the token for a system user, which has no password and does not expire: Business settings → Users → System users → Generate token.";

/** Known answers of the Conversions API; `code/subcode` begins the reason. */
export const META: DestinationExplanations = {
  docs: "https://developers.facebook.com/docs/marketing-api/error-reference/",
  entries: [
    {
      of: "unauthorized",
      when: /^190\/(?:463|467)\b/,
      shown: "190/463, 190/467",
      means: "The access token has expired or its session has ended.",
      todo: newCredential(SYSTEM_USER),
    },
    {
      of: "unauthorized",
      when: /^190\/(?:458|460|464)\b/,
      shown: "190/458, 190/460, 190/464",
      means:
        "The person whose token this is has left the app, changed their password or is locked out, which ends the token.",
      todo: newCredential(SYSTEM_USER),
    },
    {
      of: "unauthorized",
      when: /^(?:190|102)\b|^HTTP 401\b/,
      shown: "190, 102, or 401 without a code",
      means: "Meta does not take the access token: it is wrong, cut off or revoked.",
      todo: newCredential(`Make a new token: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /^100\/33\b/,
      shown: "100/33",
      means: "There is no dataset with this id, or the token may not see it.",
      todo: `Compare \`settings.datasetId\` with the id in Events Manager. If it is right, assign the dataset to the token's user in Business settings → Data sources → Datasets, or make a new token there: ${TOKEN}.`,
    },
    {
      of: "unauthorized",
      when: /^(?:3|10|2\d\d)\b/,
      shown: "3, 10, 200 to 299",
      means: "The token is good, but may not send events to this dataset.",
      todo: "Business settings → Data sources → Datasets → your dataset: give the token's user full control. Then make a new token for the same user.",
    },
    {
      of: "unauthorized",
      when: /^2635\b/,
      shown: "2635",
      means: "Meta no longer serves the version of its API that the lane speaks.",
      todo: setting("set `apiVersion` to a version that Meta serves, or take it out to get the newest that we know"),
      docs: "https://developers.facebook.com/docs/graph-api/changelog",
    },
    {
      of: "retry",
      when: /^(?:4|17|32|613|800(?:0\d|1[0-4]))\b/,
      shown: "4, 17, 32, 613, 80000 to 80014",
      means: "The app or the ad account has used up its requests for now.",
      todo: "Nothing: the lane waits as long as Meta says. When it keeps happening, stop other tools that use the same app.",
      docs: "https://developers.facebook.com/docs/marketing-api/overview/rate-limiting",
    },
    {
      of: "retry",
      when: /^368\b/,
      shown: "368",
      means: "Meta has blocked the business or its token for a breach of its policies.",
      todo: "Open Business Support Home (business.facebook.com/business-support-home), see what is restricted and ask for a review.",
    },
    {
      of: "retry",
      when: /^21009\b/,
      shown: "21009",
      means: "The dataset is not ready yet, as happens after it was made.",
      todo: "Nothing: the lane sends it again. When it lasts for a day, open the dataset in Events Manager.",
    },
    {
      of: "retry",
      when: /^(?:1|2|341|5000)\b/,
      shown: "1, 2, 341, 5000",
      means: "Meta is in trouble; it said nothing about the event.",
      todo: PASSES_OR_STATUS_PAGE,
      docs: "https://metastatus.com",
    },
    {
      of: "retry",
      when: /^(?:100|34|38)\b/,
      shown: "100, 34, 38, which Meta calls transient",
      means: "Meta did not take a value now and says that this passes.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "incomplete",
      when: /^Meta limits data use/,
      shown: "Meta limits data use by the person's IP or US state",
      means:
        "Data about this person may be used only in part, and without their state Meta does not know which law to follow.",
      todo: "Send `user.ip`, or `consent.jurisdiction` such as `US-CA`.",
    },
    {
      of: "rejected",
      when: /^100\/2804003\b/,
      shown: "100/2804003",
      means: "The event is older than Meta takes: 7 days, or 62 for those of physical stores.",
      todo: "Send events when they happen, and those of stores with the action source `physical_store`. Check the sender's clock.",
    },
    {
      of: "rejected",
      when: /^100\/2804001\b/,
      shown: "100/2804001",
      means: "The click id (`fbc`) or another value is not in the form that Meta gave it out in.",
      todo: "Send `fbc` and `fbclid` as cookie and address hold them: never in lower case, cut, or made up.",
    },
    {
      of: "rejected",
      when: /^100\/2804009\b/,
      shown: "100/2804009",
      means: "A purchase has no value or no currency.",
      todo: "Send `value` and `currency` with purchases, or give the lane a `value` rule.",
    },
    {
      of: "rejected",
      when: /^100\/2804050\b/,
      shown: "100/2804050",
      means: "What the event says about the person fits too many people to find one.",
      todo: "Send an e-mail, phone or user id, or the browser ids `fbp` and `fbc`, besides country and user agent.",
    },
    {
      of: "rejected",
      when: /^(?:100|34|38)\b/,
      shown: "100 with any other subcode, 34, 38",
      means: "A value of the event is not as Meta wants it; its words say which.",
      todo: "Mend the field that Meta names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent and where it comes from.",
    },
  ],
};
