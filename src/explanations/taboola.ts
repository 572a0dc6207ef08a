import type { DestinationExplanations } from "./entry.ts";
import { setting } from "./remedies.ts";

/** Known answers of Taboola's bulk endpoint. */
export const TABOOLA: DestinationExplanations = {
  docs: "https://developers.taboola.com/pixel/docs/bulk-submit-s2s-conversions",
  entries: [
    {
      of: "unauthorized",
      when: /^HTTP 4\d\d\b/,
      shown: "401, 403, 404",
      means: "Taboola knows no account with the number of the lane's settings, or does not let it in.",
      todo: setting(
        "set `accountId` to the number of the account, or of the network account above it as Realize shows it, not to its name",
      ),
    },
    {
      of: "rejected",
      when: /^HTTP 4(?:00|22)\b/,
      shown: "400",
      means: "Taboola refuses the conversion and does not say why: mostly the click id was altered on its way.",
      todo: "Check that landing pages get `tblci={click_id}` from the campaign's tracking code, with upper and lower case kept.",
    },
  ],
};
