import { EVENT_NAMES, type EventName } from "../core/event.ts";
import { isNegative, multiplyMoney, parseMoney } from "../core/money.ts";
import { isObject } from "../core/safe-json.ts";
import { firstText, looseText } from "./loose-fields.ts";

/**
 * Event names of the ecommerce spec that Segment and RudderStack share, of its first version (`Completed Order`), and
 * of the B2B SaaS spec. Compared in lower case with spaces for underscores.
 */
const SPEC_NAMES: Readonly<Record<string, EventName>> = {
  "order completed": "purchase",
  "completed order": "purchase",
  "order refunded": "refund",
  "checkout started": "begin_checkout",
  "shipping info entered": "add_shipping_info",
  "payment info entered": "add_payment_info",
  "product added": "add_to_cart",
  "added product": "add_to_cart",
  "product removed": "remove_from_cart",
  "removed product": "remove_from_cart",
  "product viewed": "view_item",
  "viewed product": "view_item",
  "cart viewed": "view_cart",
  "products searched": "search",
  "product list viewed": "view_item_list",
  "product list filtered": "view_item_list",
  "viewed product category": "view_item_list",
  "product added to wishlist": "add_to_wishlist",
  "signed up": "sign_up",
  "signed in": "login",
  lead: "lead",
  "lead submitted": "lead",
  "generate lead": "lead",
  "trial started": "start_trial",
};

/** Events whose one product stands at the top level of the properties. */
const ONE_PRODUCT: ReadonlySet<EventName> = new Set([
  "add_to_cart",
  "remove_from_cart",
  "view_item",
  "add_to_wishlist",
]);

/** Properties that become fields of their own and need not be kept twice. */
const MAPPED = new Set(["products", "order_id", "currency", "tax", "shipping", "discount", "coupon", "query"]);

/** Which amount becomes `value`; see `ResolvedSource.valueFrom`. */
export type ValueFrom = readonly ("revenue" | "total" | "value")[];

/** The canonical name of a track call's event, or undefined for one of the sender's own. */
export function specName(event: string): EventName | undefined {
  const name = event
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, " ");
  const canonical = EVENT_NAMES.find((known) => known.replaceAll("_", " ") === name);
  if (canonical !== undefined && canonical !== "custom" && canonical !== "identify") return canonical;
  return Object.hasOwn(SPEC_NAMES, name) ? SPEC_NAMES[name] : undefined;
}

/** Properties of a spec event as fields of the event contract. */
export function commerceFields(
  name: EventName | undefined,
  properties: Record<string, unknown>,
  valueFrom: ValueFrom,
): Record<string, unknown> {
  const items = itemsOf(name, properties);
  return {
    order_id: looseText(properties.order_id, 100),
    lead_id: looseText(properties.lead_id, 100),
    value: amountOf(properties, valueFrom) ?? priceOf(name, items),
    currency: currencyOf(properties.currency),
    tax: looseAmount(properties.tax),
    shipping: looseAmount(properties.shipping),
    discount: looseAmount(properties.discount),
    coupon: looseText(properties.coupon, 200),
    items: items.length === 0 ? undefined : items,
    search_term: name === "search" ? firstText(properties, ["query", "search_term"], 1000) : undefined,
    payment_type: firstText(properties, ["payment_method", "payment_type"], 200),
    method: looseText(properties.method, 200),
    properties: Object.fromEntries(Object.entries(properties).filter(([key]) => !MAPPED.has(key))),
  };
}

// The amount that a bid is made on is the one field that is not read loosely: "12,50" must end in quarantine, where a
// person sees it, and not as a purchase of no value.
function amountOf(properties: Record<string, unknown>, valueFrom: ValueFrom): unknown {
  return valueFrom.map((key) => properties[key]).find((value) => value !== undefined && value !== null && value !== "");
}

// The spec gives Product Added a price and a quantity but no value.
function priceOf(name: EventName | undefined, items: readonly Record<string, unknown>[]): string | undefined {
  const [item] = items;
  if (name === undefined || !ONE_PRODUCT.has(name) || typeof item?.price !== "string") return undefined;
  return multiplyMoney(item.price, typeof item.quantity === "number" ? item.quantity : 1);
}

function itemsOf(name: EventName | undefined, properties: Record<string, unknown>): Record<string, unknown>[] {
  const { products } = properties;
  if (Array.isArray(products)) return products.filter(isObject).slice(0, 512).map(itemOf);
  if (name === undefined || !ONE_PRODUCT.has(name)) return [];
  const item = itemOf(properties);
  return item.id === undefined && item.name === undefined ? [] : [item];
}

function itemOf(product: Record<string, unknown>): Record<string, unknown> {
  const quantity = looseAmount(product.quantity);
  const index = Number(looseText(product.position, 10));
  return {
    id: firstText(product, ["product_id", "productId", "id", "sku"], 200),
    name: looseText(product.name, 1000),
    brand: looseText(product.brand, 500),
    category: looseText(product.category, 1000),
    variant: looseText(product.variant, 500),
    price: looseAmount(product.price),
    quantity: quantity === undefined || Number(quantity) > 1e6 ? undefined : Number(quantity),
    coupon: looseText(product.coupon, 200),
    index: Number.isFinite(index) ? index : undefined,
  };
}

function looseAmount(value: unknown): string | undefined {
  const amount = typeof value === "number" || typeof value === "string" ? parseMoney(value) : undefined;
  return amount === undefined || isNegative(amount) ? undefined : amount;
}

function currencyOf(value: unknown): string | undefined {
  const code = looseText(value, 3)?.toUpperCase();
  return code !== undefined && /^[A-Z]{3}$/.test(code) ? code : undefined;
}
