import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

/** Known answers of /users/track; a 201 too may name objects that Braze refused. */
export const BRAZE: DestinationExplanations = {
  docs: "https://www.braze.com/docs/api/errors",
  entries: [
    {
      of: "unauthorized",
      when: /^HTTP 40[13]\b/,
      shown: "401, 403, Invalid API key",
      means:
        "Braze does not take the key: it is of another cluster, was deleted, or lacks the permission `users.track`.",
      todo: newCredential(
        "Compare `cluster` with the dashboard's address. If it is right, make a key with `users.track`: Braze → Settings → API Keys → Create API key.",
      ),
    },
    {
      of: "retry",
      when: /^HTTP 429\b/,
      shown: "429, Rate limit exceeded",
      means: "The workspace gets more requests than its plan allows.",
      todo: "Nothing: it is sent again when Braze says. When the backlog keeps growing, turn off events in `events` of the lane, or raise `batchWindowSeconds`.",
      docs: "https://www.braze.com/docs/api/api_limits",
    },
    {
      of: "retry",
      when: /^HTTP 5\d\d: /,
      shown: "5xx",
      means: "Braze is in trouble; it said nothing about the event.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "retry",
      when: /is not how Braze takes events/,
      shown: "a 2xx that is not Braze's “success”",
      means: "Braze answered without saying that it took the events.",
      todo: PASSES_OR_STATUS_PAGE,
    },
    {
      of: "rejected",
      when: /without saying which/,
      shown: "Braze refused part of the request without saying which",
      means: "Braze took nothing of this request, and does not say what of it is wrong.",
      todo: "Mend what its words name in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
    {
      of: "rejected",
      when: /'external_id'|'user_alias'|'braze_id'/,
      shown: "'external_id' or 'braze_id' or 'user_alias' is required",
      means: "Braze cannot tell whose event it is.",
      todo: "Send `user.user_id`, an e-mail or a phone number in clear.",
    },
    {
      of: "rejected",
      when: /'?\btime\b'?/,
      shown: "'time' is invalid",
      means: "Braze does not take the event's time.",
      todo: "Check the sender's clock.",
    },
    {
      of: "rejected",
      when: /'currency'|'price'|'quantity'|'total_value'/,
      shown: "'currency', 'price', 'quantity' is invalid",
      means: "Braze does not take the amount of the order.",
      todo: "Send `currency` as three letters of ISO 4217, and prices and quantities as numbers that are not below 0.",
    },
    {
      of: "rejected",
      when: /The property '#\//,
      shown: "The property '#/…' is required",
      means: "The event lacks what Braze's schema for its recommended event asks for.",
      todo: "Send what Braze names, or give the event a name of your own in `events` of the lane: custom events have no schema.",
    },
    {
      of: "unauthorized",
      when: /^HTTP 404\b/,
      shown: "404, Invalid URL",
      means: "Braze has nothing at the address that the lane's settings lead to.",
      todo: setting("compare `cluster` with the dashboard's address and correct it"),
    },
    {
      of: "rejected",
      when: /^(?:Braze refused (?:it|part of it)|HTTP 400)\b|is (?:required|invalid)\b/,
      shown: "400, or an object that `errors` name",
      means: "Braze refuses the event for the reason that it gives.",
      todo: "Mend the field that Braze names in the sender. `npx tracklayer preview <lane> event.json` shows what is sent.",
    },
    {
      of: "incomplete",
      when: /\bproperties\.cart_id\b/,
      shown: "only with properties.cart_id",
      means: "Braze's schema for carts asks for the cart's id, and the event has none.",
      todo: "Send `cart_id` in the properties; or give `add_to_cart` and `remove_from_cart` names of your own in `events` of the lane.",
    },
    {
      of: "incomplete",
      when: /^Braze takes \S+ only with items/,
      shown: "only with items with an id or a name, a price and a quantity above 0",
      means: "Braze's schema asks for the product, and the event has none that is whole.",
      todo: "Send `items` with `id`, `price` and `quantity`; or give the event a name of your own in `events` of the lane.",
    },
  ],
};
