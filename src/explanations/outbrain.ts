import type { DestinationExplanations } from "./entry.ts";

/** Known answers of Outbrain's endpoint, which tells nothing but a status. */
export const OUTBRAIN: DestinationExplanations = {
  docs: "https://www.outbrain.com/help/advertisers/server2server-integrations/",
  entries: [
    {
      of: "unauthorized",
      when: /^HTTP 40[13]\b/,
      shown: "401, 403",
      means: "Outbrain does not let the request in, although it asks for no credentials.",
      todo: "Ask Outbrain's support whether server-to-server conversions are open for the account.",
    },
    {
      of: "rejected",
      when: /^HTTP 4\d\d\b/,
      shown: "400",
      means:
        "Outbrain refuses the conversion and does not say why: the click id was altered on its way, or no conversion has this name.",
      todo: "Compare the name in `events` of the lane with Amplify → Conversions, letter by letter, and the tracking code of the campaigns with `OutbrainClickId={{ob_click_id}}`.",
    },
  ],
};
