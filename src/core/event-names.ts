import { EVENT_NAMES, type EventName } from "./event.ts";

/** Other spellings of canonical names that the API documents and takes without a word. */
export const EVENT_NAME_ALIASES: Readonly<Record<string, EventName>> = { generate_lead: "lead" };

/**
 * Names of one meaning, letters and digits only: the standard events of Meta and GA4, and the ecommerce and B2B SaaS
 * specs that Segment and RudderStack share, the first version (`Completed Order`) included.
 */
const SAME_MEANING: Readonly<Partial<Record<EventName, readonly string[]>>> = {
  purchase: ["ordercompleted", "completedorder"],
  refund: ["orderrefunded"],
  begin_checkout: ["initiatecheckout", "checkoutstarted"],
  add_shipping_info: ["shippinginfoentered"],
  add_payment_info: ["paymentinfoentered"],
  add_to_cart: ["productadded", "addedproduct"],
  remove_from_cart: ["productremoved", "removedproduct"],
  view_item: ["viewcontent", "productviewed", "viewedproduct"],
  view_cart: ["cartviewed"],
  search: ["productssearched"],
  view_item_list: ["productlistviewed", "productlistfiltered", "viewedproductcategory"],
  add_to_wishlist: ["productaddedtowishlist"],
  sign_up: ["completeregistration", "signedup"],
  login: ["signedin"],
  lead: ["generatelead", "leadsubmitted"],
  start_trial: ["trialstarted"],
};

const BY_LETTERS: ReadonlyMap<string, EventName> = new Map(
  EVENT_NAMES.filter((name) => name !== "custom" && name !== "identify").flatMap((name) =>
    [lettersOf(name), ...(SAME_MEANING[name] ?? [])].map((letters): [string, EventName] => [letters, name]),
  ),
);

/**
 * The canonical event that a name means, however it is written (`Purchase`, `AddToCart`, `Order Completed`), or
 * undefined for one of the sender's own. Never `custom` or `identify`: those have to be meant.
 */
export function likelyEventName(name: string): EventName | undefined {
  return BY_LETTERS.get(lettersOf(name));
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, "");
}
