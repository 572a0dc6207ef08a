import type { CanonicalEvent, Item } from "../../core/event.ts";
import { positiveValue, unitPrice } from "../../core/event-money.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { piecesIn, wholeQuantity } from "../../core/item-lines.ts";
import { textInClear } from "../../core/page-url.ts";

/** Types for which Reddit wants value, currency and number of items: "only set for revenue-related events". */
const REVENUE_TYPES: ReadonlySet<string> = new Set(["PURCHASE", "ADD_TO_CART", "VIEW_CONTENT"]);

/**
 * Reddit's `metadata`. The conversion id is the event's own, so that it equals the pixel's; without revenue there is
 * nothing else, except the products of a wish list. `everything` treats all types as revenue-related.
 * Source: https://business.reddithelp.com/s/article/about-event-metadata
 */
export function metadata(event: CanonicalEvent, type: string, everything: boolean): Record<string, unknown> {
  const items = event.items ?? [];
  const isRevenue = everything || REVENUE_TYPES.has(type) || event.event_name === "refund";
  const products = isRevenue || type === "ADD_TO_WISHLIST" ? items.filter(isNamed).map(product) : [];
  return {
    conversion_id: event.event_id,
    ...(isRevenue ? transaction(event, items) : {}),
    products: products.length === 0 ? undefined : products,
  };
}

function transaction(event: CanonicalEvent, items: readonly Item[]): Record<string, unknown> {
  return {
    order_id: orderId(event),
    ...positiveValue(event),
    item_count: piecesIn(items),
  };
}

const LONGEST_ORDER_ID = 100;

// A longer one fails the request, and cut it would be another order's.
function orderId({ order_id: raw }: CanonicalEvent): string | undefined {
  const id = raw === undefined ? undefined : idInClear(raw);
  return id !== undefined && id.length <= LONGEST_ORDER_ID ? id : undefined;
}

function isNamed({ id, name }: Item): boolean {
  return Boolean(id?.trim()) || Boolean(name?.trim());
}

function product(item: Item): Record<string, unknown> {
  return {
    id: item.id?.trim() ? idInClear(item.id) : undefined,
    name: textInClear(item.name),
    category: textInClear(item.category),
    quantity: wholeQuantity(item),
    item_price: unitPrice(item),
  };
}
