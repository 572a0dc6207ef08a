import type { CanonicalEvent, Decimal, Item } from "../../core/event.ts";
import { absolute, isNegative, moneyToNumber, multiplyMoney } from "../../core/money.ts";
import { withoutEmpty } from "../../core/present.ts";
import { touchTexts } from "../../core/touch-texts.ts";
import {
  address,
  namedItem,
  number,
  ownProperties,
  type Properties,
  short,
  totalOf,
  withinBytes,
} from "./properties.ts";

/**
 * What each of Braze's recommended shop events insists on, and canonical events may lack: Braze checks them against a
 * schema and refuses what does not fit.
 * Source: https://www.braze.com/docs/user_guide/data/activation/events/recommended_events
 */
const NEEDS = {
  "ecommerce.product_viewed": ["currency", "products"],
  // Told to add or remove, Braze keeps the cart's total itself; who replaces a cart says what it comes to.
  "ecommerce.cart_updated": ["cart_id", "currency", "products"],
  "ecommerce.checkout_started": ["currency", "total", "products"],
  "ecommerce.order_placed": ["currency", "total"],
  "ecommerce.order_refunded": ["order_id", "currency", "total"],
  "ecommerce.order_cancelled": ["order_id", "cancel_reason", "currency", "total"],
} as const;

/** A name that Braze has a schema for. */
export type RecommendedName = keyof typeof NEEDS;
type Need = (typeof NEEDS)[RecommendedName][number];

const WORDS: Readonly<Record<Need, string>> = {
  cart_id: "properties.cart_id",
  order_id: "an order_id",
  cancel_reason: "properties.cancel_reason",
  currency: "a currency",
  total: "a value, not below 0",
  products: "items with an id or a name, a price and a quantity above 0",
};

/** Whether Braze has a schema for events of this name. */
export function isRecommended(name: string): name is RecommendedName {
  return Object.hasOwn(NEEDS, name);
}

/** What the schema of this name insists on and the event lacks, in words, or undefined. */
export function missingFor(name: RecommendedName, event: CanonicalEvent): string | undefined {
  const replacesCart = name === "ecommerce.cart_updated" && cartAction(event) === "replace";
  const needs: readonly Need[] = replacesCart ? [...NEEDS[name], "total"] : NEEDS[name];
  const missing = needs.find((need) => lacks(need, event));
  return missing === undefined ? undefined : `Braze takes ${name} only with ${WORDS[missing]}`;
}

/** Properties by Braze's schema of this name; whatever it has no place for goes to `metadata`. */
export function recommendedProperties(name: RecommendedName, event: CanonicalEvent): Properties {
  const named: Properties = { currency: event.currency, source: short(event.source.id), ...specific(name, event) };
  const touches = touchTexts(event);
  const metadata = withoutEmpty({
    event_id: event.event_id,
    payment_type: short(event.payment_type),
    ...ownProperties(event, { ...named, ...touches, event_id: 1, payment_type: 1, metadata: 1 }),
    ...touches,
  });
  return { ...withoutEmpty(named), metadata };
}

function specific(name: RecommendedName, event: CanonicalEvent): Properties {
  if (name === "ecommerce.product_viewed") return viewedProduct(event);
  const products = withinBytes(lines(event));
  const cartId = propertyText(event, "cart_id");
  if (name === "ecommerce.cart_updated") return { cart_id: cartId, ...cartChange(event), products };
  const costs = { tax: cost(event.tax), shipping: cost(event.shipping) };
  const total = number(totalFor(event));
  if (name === "ecommerce.checkout_started") {
    // Nothing is looked up by it later, so that the event's own id does where the shop gives none.
    const checkoutId = propertyText(event, "checkout_id") ?? short(event.order_id) ?? event.event_id;
    return { checkout_id: checkoutId, cart_id: cartId, total_value: total, ...costs, products };
  }
  const order = {
    order_id: short(event.order_id) ?? event.event_id,
    total_value: total,
    ...discounts(event),
    products: products.length > 0 ? products : [wholeOrder(total)],
  };
  if (name === "ecommerce.order_refunded") return order;
  if (name === "ecommerce.order_placed") return { ...order, cart_id: cartId, ...costs };
  return { ...order, cancel_reason: propertyText(event, "cancel_reason"), ...costs };
}

function viewedProduct(event: CanonicalEvent): Properties {
  const [product] = lines(event);
  const { quantity: _, metadata: __, ...viewed } = product ?? {};
  return { ...viewed, product_url: address(event.page?.url) };
}

function cartChange(event: CanonicalEvent): Properties {
  const action = cartAction(event);
  return action === "replace" ? { action, total_value: number(totalFor(event)) } : { action };
}

/** Adding and removing change the cart by these products; any other event that the config names so replaces it. */
function cartAction({ event_name: name }: CanonicalEvent): "add" | "remove" | "replace" {
  if (name === "add_to_cart") return "add";
  return name === "remove_from_cart" ? "remove" : "replace";
}

function discounts({ coupon, discount }: CanonicalEvent): Properties {
  const amount = cost(discount);
  const code = short(coupon);
  const known = code !== undefined && amount !== undefined;
  return { total_discounts: amount, discounts: known ? [{ code, amount }] : undefined };
}

/** For orders that are known by their total alone; Braze's advice for refunds of no product in particular. */
function wholeOrder(total: number | undefined): Properties {
  return { product_id: "order", product_name: "Order", variant_id: "order", quantity: 1, price: total };
}

function lines({ items = [] }: CanonicalEvent): Properties[] {
  return items.map(line).filter((found) => found !== undefined);
}

/** Quantities are whole numbers: half a kilogram is one of half the price. */
function line(item: Item): Properties | undefined {
  const found = namedItem(item);
  if (found === undefined) return undefined;
  const { id, name, price, quantity } = found;
  const isWhole = Number.isInteger(quantity);
  const metadata = withoutEmpty({
    brand: short(item.brand),
    category: short(item.category),
    coupon: short(item.coupon),
    discount: cost(item.discount),
  });
  return withoutEmpty({
    product_id: id,
    product_name: name,
    variant_id: short(item.variant) ?? id,
    quantity: isWhole ? quantity : 1,
    price: moneyToNumber(isWhole ? price : multiplyMoney(price, quantity)),
    metadata,
  });
}

function lacks(need: Need, event: CanonicalEvent): boolean {
  switch (need) {
    case "currency":
      return event.currency === undefined;
    case "order_id":
      return short(event.order_id) === undefined;
    case "products":
      return !(event.items ?? []).some((item) => namedItem(item) !== undefined);
    case "total": {
      const total = totalFor(event);
      return total === undefined || isNegative(total);
    }
    default:
      return propertyText(event, need) === undefined;
  }
}

/** Refunds come with either sign; Braze subtracts what it is given. */
function totalFor(event: CanonicalEvent) {
  const total = totalOf(event);
  return total !== undefined && event.event_name === "refund" ? absolute(total) : total;
}

/** Braze's schemas know no costs below 0. */
function cost(amount: Decimal | undefined): number | undefined {
  return amount === undefined || isNegative(amount) ? undefined : number(amount);
}

/** A text or number among the sender's own properties. */
function propertyText({ properties }: CanonicalEvent, name: string): string | undefined {
  const value = properties?.[name];
  return typeof value === "string" || typeof value === "number" ? short(String(value)) : undefined;
}
