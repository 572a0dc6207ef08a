import type { CanonicalEvent, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { wholeQuantity } from "../../core/item-lines.ts";
import { absolute, isNegative, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";

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
    order_id: event.order_id === undefined ? undefined : idInClear(event.order_id),
    ...money(event),
    item_count: items.length === 0 ? undefined : items.reduce((sum, item) => sum + wholeQuantity(item), 0),
  };
}

// A value means nothing without its currency. Reddit cannot take a conversion back: a refund is an event of its own with
// a positive value, and no other event or item has a negative one.
function money({ event_name, value, currency }: CanonicalEvent): { currency: string; value: number } | undefined {
  if (value === undefined || currency === undefined) return undefined;
  if (isNegative(value) && event_name !== "refund") return undefined;
  return { currency: currency.toUpperCase(), value: moneyToNumber(absolute(value)) };
}

function isNamed({ id, name }: Item): boolean {
  return Boolean(id?.trim()) || Boolean(name?.trim());
}

function product(item: Item): Record<string, unknown> {
  return {
    id: item.id?.trim() ? idInClear(item.id) : undefined,
    name: cleanText(item.name),
    category: cleanText(item.category),
    quantity: wholeQuantity(item),
    item_price: item.price === undefined || isNegative(item.price) ? undefined : moneyToNumber(item.price),
  };
}

function cleanText(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : withoutAddresses(text);
}
