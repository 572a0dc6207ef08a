import type { CanonicalEvent } from "../../core/event.ts";
import { isNegative, moneyToNumber, multiplyMoney } from "../../core/money.ts";
import { withoutEmpty } from "../../core/present.ts";
import { namedItem, number, type Properties, short, totalOf } from "./properties.ts";

/**
 * Braze takes up to 100 of a product in one object and multiplies quantity by price; what else an order costs or saves
 * is not in it. Source: https://www.braze.com/docs/api/objects_filters/purchase_object
 */
const MOST_OF_ONE = 100;
/** A request has 75 objects, of which one may be of the profile. */
const MOST_OBJECTS = 74;
/** What Braze proposes for logging a whole order as one purchase. */
const WHOLE_ORDER = "Completed Order";

/** What a purchase lacks to be sent as purchase objects, in words, or undefined. */
export function missingForPurchase(event: CanonicalEvent): string | undefined {
  if (event.currency === undefined) return "Braze takes purchases only with a currency";
  const total = totalOf(event);
  return total === undefined || isNegative(total) ? "Braze takes purchases only with a value, not below 0" : undefined;
}

/**
 * The order as purchase objects, without whose and when: one per product, or one for the whole order when an item cannot
 * be told by id and price, or when they are too many for a request.
 */
export function purchaseObjects(event: CanonicalEvent): Properties[] {
  const { currency } = event;
  const items = (event.items ?? []).filter(({ quantity = 1 }) => quantity > 0);
  const bought = items.flatMap((item) => {
    const named = namedItem(item);
    return named === undefined ? [] : [{ ...named, item }];
  });
  const objects = bought.reduce((sum, { quantity }) => sum + Math.ceil(quantity / MOST_OF_ONE), 0);
  if (objects === 0 || objects > MOST_OBJECTS || bought.length < items.length) {
    return [{ product_id: WHOLE_ORDER, currency, price: number(totalOf(event)), properties: orderProperties(event) }];
  }
  return bought.flatMap(({ id, name, price, quantity, item }) => {
    const isWhole = Number.isInteger(quantity);
    const unitPrice = moneyToNumber(isWhole ? price : multiplyMoney(price, quantity));
    const properties = withoutEmpty({
      ...orderProperties(event),
      name,
      brand: short(item.brand),
      category: short(item.category),
      variant: short(item.variant),
    });
    return quantities(isWhole ? quantity : 1).map((part) => ({
      product_id: id,
      currency,
      price: unitPrice,
      quantity: part,
      properties,
    }));
  });
}

/** Of the order as a whole: `event_id` tells copies apart in exports, since Braze itself drops none. */
function orderProperties(event: CanonicalEvent): Properties {
  return withoutEmpty({ event_id: event.event_id, order_id: short(event.order_id), coupon: short(event.coupon) });
}

function quantities(quantity: number): number[] {
  const count = Math.ceil(quantity / MOST_OF_ONE);
  return Array.from({ length: count }, (_, index) => Math.min(MOST_OF_ONE, quantity - index * MOST_OF_ONE));
}
