import { readCurrency } from "../core/currency.ts";
import type { EventName } from "../core/event.ts";
import { absolute, isNegative, multiplyMoney, parseMoney } from "../core/money.ts";
import { isObject, MAX_ENTRIES } from "../core/safe-json.ts";
import { firstText, looseText } from "./loose-fields.ts";

/** Events whose one product stands at the top level of the properties. */
const ONE_PRODUCT: ReadonlySet<EventName> = new Set([
  "add_to_cart",
  "remove_from_cart",
  "view_item",
  "add_to_wishlist",
]);

/**
 * Events that platforms bid on the amount of. A wrong one must end in quarantine, where a person sees it, and not as a
 * purchase of no value; elsewhere `value` may be anything ("red", "5 items") and stays a property.
 */
const MONEY_EVENTS: ReadonlySet<EventName> = new Set([
  "purchase",
  "refund",
  "begin_checkout",
  "add_shipping_info",
  "add_payment_info",
  "subscribe",
  "start_trial",
]);

/** Properties that become fields of their own and need not be kept twice. */
const MAPPED = new Set(["products", "order_id", "tax", "shipping", "discount", "coupon", "query"]);

/** Which amount becomes `value`; see `ResolvedSource.valueFrom`. */
export type ValueFrom = readonly ("revenue" | "total" | "value")[];

/** Properties of a spec event as fields of the event contract. */
export function commerceFields(
  name: EventName | undefined,
  properties: Record<string, unknown>,
  valueFrom: ValueFrom,
): Record<string, unknown> {
  const items = itemsOf(name, properties);
  const strict = name !== undefined && MONEY_EVENTS.has(name);
  const amount = (value: unknown) => looseAmount(value, name);
  const currency = currencyOf(properties.currency, strict);
  const mapped = (key: string) => MAPPED.has(key) || (key === "currency" && currency !== undefined);
  return {
    order_id: looseText(properties.order_id, 100),
    lead_id: looseText(properties.lead_id, 100),
    value: amountOf(properties, valueFrom, strict) ?? priceOf(name, items),
    currency,
    tax: amount(properties.tax),
    shipping: amount(properties.shipping),
    discount: amount(properties.discount),
    coupon: looseText(properties.coupon, 200),
    items: items.length === 0 ? undefined : items,
    search_term: name === "search" ? firstText(properties, ["query", "search_term"], 1000) : undefined,
    payment_type: firstText(properties, ["payment_method", "payment_type"], 200),
    method: looseText(properties.method, 200),
    properties: Object.fromEntries(Object.entries(properties).filter(([key]) => !mapped(key))),
  };
}

function amountOf(properties: Record<string, unknown>, valueFrom: ValueFrom, strict: boolean): unknown {
  const given = valueFrom.map((key) => properties[key]);
  if (!strict) return given.map((value) => looseAmount(value)).find((value) => value !== undefined);
  return given.find((value) => value !== undefined && value !== null && value !== "");
}

// The spec gives Product Added a price and a quantity but no value.
function priceOf(name: EventName | undefined, items: readonly Record<string, unknown>[]): string | undefined {
  const [item] = items;
  if (name === undefined || !ONE_PRODUCT.has(name) || typeof item?.price !== "string") return undefined;
  return multiplyMoney(item.price, typeof item.quantity === "number" ? item.quantity : 1);
}

function itemsOf(name: EventName | undefined, properties: Record<string, unknown>): Record<string, unknown>[] {
  const { products } = properties;
  if (Array.isArray(products))
    return products
      .filter(isObject)
      .slice(0, MAX_ENTRIES)
      .map((product) => itemOf(product, name));
  if (name === undefined || !ONE_PRODUCT.has(name)) return [];
  const item = itemOf(properties, name);
  return item.id === undefined && item.name === undefined ? [] : [item];
}

function itemOf(product: Record<string, unknown>, name: EventName | undefined): Record<string, unknown> {
  const quantity = looseAmount(product.quantity, name);
  const index = Number(looseText(product.position, 10));
  return {
    id: firstText(product, ["product_id", "productId", "id", "sku"], 200),
    name: looseText(product.name, 1000),
    brand: looseText(product.brand, 500),
    category: looseText(product.category, 1000),
    variant: looseText(product.variant, 500),
    price: looseAmount(product.price, name),
    quantity: quantity === undefined || Number(quantity) > 1e6 ? undefined : Number(quantity),
    coupon: looseText(product.coupon, 200),
    index: Number.isFinite(index) ? index : undefined,
  };
}

// A refund's minus says what its name says.
function looseAmount(value: unknown, name?: EventName): string | undefined {
  const amount = typeof value === "number" || typeof value === "string" ? parseMoney(value) : undefined;
  if (amount === undefined || !isNegative(amount)) return amount;
  return name === "refund" ? absolute(amount) : undefined;
}

// Like the amount: what is no currency is left for the contract to refuse where money is at stake.
function currencyOf(value: unknown, strict: boolean): string | undefined {
  const text = looseText(value, 100);
  return text === undefined || strict ? text : readCurrency(text);
}
