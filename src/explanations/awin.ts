import type { DestinationExplanations } from "./entry.ts";
import { newCredential, setting } from "./remedies.ts";

/** Known answers of the Conversion API, which speaks of each order. */
export const AWIN: DestinationExplanations = {
  docs: "https://help.awin.com/apidocs/conversion-api",
  entries: [
    {
      of: "unauthorized",
      when: /^HTTP 404\b|\b(?:invalid|unknown|no such) advertiser\b|\badvertiser (?:id )?(?:is )?(?:invalid|unknown)\b/i,
      shown: "404, unknown advertiser",
      means: "Awin knows no advertiser with the id of the lane's settings.",
      todo: setting("set `advertiserId` to the number beside the programme's name in Awin"),
    },
    {
      of: "unauthorized",
      when: /\badvertiser\b/i,
      shown: "Advertiser is not active",
      means: "Awin has paused or closed the programme, or has not opened it yet.",
      todo: "Ask your contact at Awin to activate the programme.",
    },
    {
      of: "unauthorized",
      when: /^HTTP 403\b|\bpermission\b/i,
      shown: "403, Forbidden",
      means: "The key is of another advertiser, or the programme's plan is without the Conversion API.",
      todo: newCredential(
        "See that the plan is Accelerate or Advanced, and copy the key of this programme: Awin → your name → API Credentials.",
      ),
    },
    {
      of: "unauthorized",
      when: /^HTTP 401\b|\bapi[ _-]?key\b|unauthori[sz]ed|authentication/i,
      shown: "401, Unauthorized, Invalid API key",
      means: "Awin does not take the key; the token of its other APIs does not do.",
      todo: newCredential("Copy the key of the Conversion API: Awin → your name → API Credentials."),
    },
    {
      of: "retry",
      when: /^HTTP 429\b/,
      shown: "429",
      means: "Awin takes 20 requests a minute, and got more.",
      todo: "Nothing: it is sent again. When it keeps happening, leave `batchWindowSeconds` at 10 or more and set `maxConcurrency: 2`.",
    },
    {
      of: "rejected",
      when: /\bcurrency\b/i,
      shown: "currency is not supported, currency unknown",
      means: "Awin does not take the order's currency.",
      todo: "Send `currency` as three letters of ISO 4217 in one that the programme uses, or give the lane a `value` rule.",
    },
    {
      of: "rejected",
      when: /\bamount\b/i,
      shown: "amount",
      means: "Awin does not take the order's amount.",
      todo: "Send `value` as a number above zero; items' prices must be numbers as well.",
    },
    {
      of: "rejected",
      when: /\bcommission ?groups?\b/i,
      shown: "commissionGroup",
      means: "The programme has no commission group with the code that the lane gives.",
      todo: "Compare `events`, `customEvents` and `commissionGroupsByCategory` of the lane with the commission groups of the programme in Awin, correct and deploy.",
    },
    {
      of: "rejected",
      when: /^HTTP (?:2\d\d|400|406|422)\b|\[\d+\]/,
      shown: "400, 406, or an order in `failedOrders`",
      means: "Awin refuses the order for the reason that it gives.",
      todo: "Mend what Awin names in the sender. `npx tracklayer test <lane> event.json` with such an event sends it as a test order.",
    },
  ],
};
