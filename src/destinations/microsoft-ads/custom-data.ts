import type { CanonicalEvent, EventName, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { isNegative, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";

/** What kind of page the event belongs to, for dynamic remarketing. Microsoft knows these and `home` and `other`. */
const PAGE_TYPES: Readonly<Partial<Record<EventName, string>>> = {
  view_item: "product",
  view_item_list: "category",
  search: "searchresults",
  add_to_cart: "cart",
  view_cart: "cart",
  begin_checkout: "cart",
  purchase: "purchase",
};

/** Page types of which Microsoft wants to know the worth of the cart. */
const WITH_TOTAL: ReadonlySet<string | undefined> = new Set(["cart", "purchase"]);

/**
 * Microsoft's `customData`: what was bought, found or asked for. Only listed fields, and those without e-mail addresses:
 * people type theirs into search fields.
 */
export function customData(event: CanonicalEvent): Record<string, unknown> | undefined {
  const items = (event.items ?? []).filter(isNamed);
  const ids = items.flatMap(({ id }) => (id ? [idInClear(id)] : []));
  const pageType = PAGE_TYPES[event.event_name];
  const value = event.value === undefined || event.currency === undefined ? undefined : moneyToNumber(event.value);
  const data: Record<string, unknown> = {
    // A value means nothing without its currency.
    ...(value === undefined ? {} : { value, currency: event.currency?.toUpperCase() }),
    ...(event.order_id === undefined ? {} : { transactionId: idInClear(event.order_id) }),
    ...(event.search_term === undefined ? {} : { searchTerm: withoutAddresses(event.search_term) }),
    ...(ids.length === 0 ? {} : { itemIds: ids }),
    ...(items.length === 0 ? {} : { items: items.map(itemOf) }),
    ...(pageType === undefined ? {} : { pageType }),
    ...(value !== undefined && WITH_TOTAL.has(pageType) ? { ecommTotalValue: value } : {}),
  };
  return Object.keys(data).length === 0 ? undefined : data;
}

function isNamed({ id, name }: Item): boolean {
  return Boolean(id) || Boolean(name);
}

function itemOf({ id, name, price, quantity = 1 }: Item): Record<string, unknown> {
  return {
    ...(id ? { id: idInClear(id) } : {}),
    ...(name ? { name: withoutAddresses(name) } : {}),
    ...(price === undefined || isNegative(price) ? {} : { price: moneyToNumber(price) }),
    // Pieces: goods sold by weight count as one.
    quantity: Number.isInteger(quantity) && quantity > 0 ? quantity : 1,
  };
}
