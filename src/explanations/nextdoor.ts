import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const TOKEN = "Nextdoor Ads Manager → Business settings → Ads API → Generate token";

/** What Nextdoor's answers say by their words: it documents two statuses and no bodies. */
export const NEXTDOOR: DestinationExplanations = {
  docs: "https://developer.nextdoor.com/reference/conversions-track",
  entries: [
    {
      of: "unauthorized",
      when: /\bdata[ _]?source/i,
      shown: "data_source_id",
      means: "Nextdoor knows no pixel with the id of the lane's settings.",
      todo: setting("set `dataSourceId` to the id of the pixel in Ads Manager"),
    },
    {
      of: "unauthorized",
      when: /\bpartner/i,
      shown: "partner_id",
      means: "Nextdoor does not take the partner of the lane's settings.",
      todo: setting("set `partnerId` to the name that Nextdoor gave, or leave it out"),
    },
    {
      of: "unauthorized",
      when: /^HTTP 403\b|\bpermission\b/i,
      shown: "403",
      means: "Nextdoor has not opened its API for this account, or the token is of another one.",
      todo: newCredential(`Apply for the API, or make a token in the pixel's account: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /^HTTP 401\b|\btoken\b|unauthori[sz]ed|authenticat/i,
      shown: "401, Invalid access token",
      means: "Nextdoor does not take the token: it is wrong or revoked.",
      todo: newCredential(`Make a new one: ${TOKEN}.`),
    },
    {
      of: "unauthorized",
      when: /^HTTP 4(?:0[45]|10)\b/,
      shown: "404, 405, 410",
      means: "Nextdoor's Conversions API is no longer at the address that this version of TrackLayer asks.",
      todo: "Update TrackLayer and deploy.",
    },
    {
      of: "retry",
      when: /^HTTP 200: |\ba body of no known form\b/,
      shown: "a 200 that speaks of an error",
      means: "Nextdoor says yes and no at once, so that the event does not count as delivered.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "rejected",
      when: /^HTTP 4(?:00|22)\b/,
      shown: "400",
      means: "Nextdoor refuses the event for the reason that it gives.",
      todo: "Mend the field that Nextdoor names in the sender. `npx tracklayer test <lane> event.json` with such an event sends it as a test.",
    },
    {
      of: "incomplete",
      when: /on a domain verified/,
      shown: "needs the http(s) page.url of website events",
      means:
        "Nextdoor takes events of websites only with the address of the page, on a domain that it knows to be yours.",
      todo: "Send `page.url`, and verify its domain in Nextdoor's Ads Manager.",
    },
    {
      of: "incomplete",
      when: /of a store without order_id/,
      shown: "no purchase of a store without order_id",
      means: "Nextdoor takes purchases of stores only with the number of the order.",
      todo: "Send `order_id` with purchases whose `action_source` is `physical_store`.",
    },
  ],
};
