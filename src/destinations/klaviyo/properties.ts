import type { CanonicalEvent, Decimal, Item, JsonValue } from "../../core/event.ts";
import { moneyToNumber, multiplyMoney } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";

/**
 * Klaviyo refuses more than 400 properties, 10 levels and 5 MB; what the sender adds is held well below, so that one
 * careless property never costs an order.
 * Source: https://developers.klaviyo.com/en/reference/events_api_overview#limitations
 */
const MOST_OWN = 300;
const MOST_OWN_CHARACTERS = 200_000;
const DEEPEST = 8;

type Properties = Record<string, unknown>;

/**
 * Properties of an event: under Klaviyo's own names what its templates and reports look for, then what the sender gave
 * beside. The latter as far as it fits, and without names that begin with `$`, which change the event itself.
 */
export function eventProperties(event: CanonicalEvent): Properties {
  const { items = [], page } = event;
  const [only] = items.length === 1 ? items : [];
  const named = withoutEmpty({
    OrderId: event.order_id,
    LeadId: event.lead_id,
    ...(only !== undefined && !isOrder(event) ? product(only) : {}),
    ...(only !== undefined && event.event_name === "add_to_cart" ? addedItem(only) : {}),
    ItemNames: distinct(items.map(({ name }) => name)),
    Categories: distinct(items.map(({ category }) => category)),
    Brands: distinct(items.map(({ brand }) => brand)),
    Items: items.map(lineItem),
    DiscountCode: event.coupon,
    DiscountValue: amount(event.discount),
    Tax: amount(event.tax),
    Shipping: amount(event.shipping),
    PaymentType: event.payment_type,
    Method: event.method,
    SearchTerm: clean(event.search_term),
    URL: clean(page?.url),
    PageTitle: page?.title,
    Referrer: clean(page?.referrer),
    ActionSource: event.action_source,
  });
  return { ...named, ...ownProperties(event.properties ?? {}, named) };
}

/** Properties of one ordered product: what it was, and the order that it belongs to. */
export function productProperties(event: CanonicalEvent, item: Item): Properties {
  return withoutEmpty({ OrderId: event.order_id, ...product(item), Quantity: item.quantity ?? 1 });
}

/** What a line is worth: price times quantity. Undefined without a price. */
export function rowTotal({ price, quantity = 1 }: Item): number | undefined {
  return price === undefined ? undefined : moneyToNumber(multiplyMoney(price, quantity));
}

// Of an order with one line, the product's name on top would read as the order's.
function isOrder({ event_name }: CanonicalEvent): boolean {
  return event_name === "purchase" || event_name === "refund" || event_name === "begin_checkout";
}

function product(item: Item): Properties {
  return {
    ProductID: item.id,
    ProductName: item.name,
    Variant: item.variant,
    Brand: item.brand,
    ProductCategories: distinct([item.category]),
    Price: amount(item.price),
  };
}

/** What Klaviyo's template for abandoned carts reads. */
function addedItem(item: Item): Properties {
  return {
    AddedItemProductID: item.id,
    AddedItemProductName: item.name,
    AddedItemCategories: distinct([item.category]),
    AddedItemPrice: amount(item.price),
    AddedItemQuantity: item.quantity ?? 1,
  };
}

function lineItem(item: Item): Properties {
  const { Price, ...what } = product(item);
  return withoutEmpty({
    ...what,
    Quantity: item.quantity ?? 1,
    ItemPrice: Price,
    RowTotal: rowTotal(item),
    Discount: amount(item.discount),
    Coupon: item.coupon,
  });
}

/** Whoever's address stands in a link or a search need not be the person's own. */
function clean(text: string | undefined): string | undefined {
  return text === undefined ? undefined : withoutAddresses(text);
}

function amount(decimal: Decimal | undefined): number | undefined {
  return decimal === undefined ? undefined : moneyToNumber(decimal);
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined && text.trim() !== ""))] as string[];
}

function withoutEmpty(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  return typeof value === "object" && Object.keys(value).length === 0;
}

function ownProperties(given: Readonly<Record<string, JsonValue>>, named: Properties): Properties {
  let room = MOST_OWN_CHARACTERS;
  const kept = Object.entries(given).filter(([name, value]) => {
    if (name.trim() === "" || name.startsWith("$") || Object.hasOwn(named, name) || isEmpty(value)) return false;
    const size = name.length + sizeOf(value, 1);
    if (size > room) return false;
    room -= size;
    return true;
  });
  return Object.fromEntries(kept.slice(0, MOST_OWN));
}

/** About as many characters as its JSON has; infinitely many when it is nested too deeply. */
function sizeOf(value: JsonValue, depth: number): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  if (depth >= DEEPEST) return Number.POSITIVE_INFINITY;
  let size = 2;
  for (const [name, inner] of Object.entries(value)) size += name.length + 3 + sizeOf(inner, depth + 1);
  return size;
}
