import type { CanonicalEvent, Decimal, Item } from "../../core/event.ts";
import { moneyToNumber, multiplyMoney } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { withoutEmpty } from "../../core/present.ts";
import { type PropertyLimits, senderProperties } from "../../core/sender-properties.ts";
import { touchTexts } from "../../core/touch-texts.ts";

/**
 * Klaviyo refuses more than 400 properties, 10 levels, 5 MB, and texts of 100 kB; what the sender adds is held well below.
 * It names no limit for names. https://developers.klaviyo.com/en/reference/events_api_overview#limitations
 */
const OWN_LIMITS: PropertyLimits = {
  nameBytes: 1_000,
  textLength: 25_000,
  count: 300,
  characters: 200_000,
  depth: 8,
};

type Properties = Record<string, unknown>;

/**
 * Properties of an event: under Klaviyo's own names what its templates and reports look for, then what the sender gave
 * beside, as far as it fits. Names that begin with `$` would change the event itself.
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
    PageTitle: clean(page?.title),
    Referrer: clean(page?.referrer),
    ActionSource: event.action_source,
    ...touchProperties(event),
  });
  return { ...named, ...senderProperties(event.properties, OWN_LIMITS, (name) => Object.hasOwn(named, name)) };
}

/** In Klaviyo's spelling: `FirstTouchSource`, `LastTouchCampaign` and so on. */
function touchProperties(event: CanonicalEvent): Properties {
  const spelt = (name: string) => name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(touchTexts(event)).map(([name, text]) => [spelt(name), text]));
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

/** Whoever's address stands in a link, a title or a search need not be the person's own. */
function clean(text: string | undefined): string | undefined {
  return text === undefined ? undefined : withoutAddresses(text);
}

function amount(decimal: Decimal | undefined): number | undefined {
  return decimal === undefined ? undefined : moneyToNumber(decimal);
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined && text.trim() !== ""))] as string[];
}
