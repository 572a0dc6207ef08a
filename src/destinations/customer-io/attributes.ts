import type { CanonicalEvent, Decimal, EventName, Item } from "../../core/event.ts";
import { linesWithin } from "../../core/item-lines.ts";
import { absolute, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { withoutEmpty } from "../../core/present.ts";
import { cutText, type PropertyLimits, senderProperties } from "../../core/sender-properties.ts";
import { touchTexts } from "../../core/touch-texts.ts";

type Attributes = Record<string, unknown>;

/**
 * An entry of a batch may have 32 kB; all texts together stay below that even where each character takes three bytes.
 * Source: https://docs.customer.io/api/track/#operation/batch
 */
const OWN: PropertyLimits = { nameBytes: 150, textLength: 1000, count: 200, characters: 4_000, depth: 8 };
const LONGEST_TEXT = 255;
const LONGEST_ADDRESS = 1000;
/** Bytes of all products together, and how many fit whatever they hold. */
const PRODUCTS_BYTES = 8_000;
const SURELY_FIT = 1;

/** Attributes that change the mails which the event sets off: no sender's property may. */
const RESERVED = new Set(["recipient", "from_address", "reply_to"]);

/** Events about one product, whose facts Segment's names put on top. */
const ABOUT_ONE: ReadonlySet<EventName> = new Set(["view_item", "add_to_cart", "remove_from_cart", "add_to_wishlist"]);

/**
 * Attributes of an event in the words of Segment's ecommerce events, which Customer.io's templates read, then what the
 * sender gave beside.
 */
export function eventAttributes(event: CanonicalEvent): Attributes {
  const { event_name: name, items = [] } = event;
  const isOrder = name === "purchase" || name === "refund";
  const [only] = items;
  const isAboutOne = ABOUT_ONE.has(name) && items.length === 1 && only !== undefined;
  const value = number(name === "refund" && event.value !== undefined ? absolute(event.value) : event.value);
  const named = withoutEmpty({
    event_id: event.event_id,
    order_id: short(event.order_id),
    lead_id: short(event.lead_id),
    ...(isOrder ? { revenue: value } : { value }),
    currency: event.currency,
    tax: number(event.tax),
    shipping: number(event.shipping),
    discount: number(event.discount),
    coupon: short(event.coupon),
    ...(isAboutOne ? product(only) : { products: linesWithin(items.map(product), PRODUCTS_BYTES, SURELY_FIT) }),
    query: clean(event.search_term),
    payment_method: short(event.payment_type),
    method: short(event.method),
    ...pageAttributes(event),
    action_source: event.action_source,
    ...touchTexts(event),
  });
  const own = senderProperties(
    event.properties,
    OWN,
    (property) => RESERVED.has(property) || Object.hasOwn(named, property),
  );
  return { ...named, ...own };
}

/** The path of the page, or the title of an app's screen: what page views are found by. Undefined without either. */
export function pageName({ action_source: source, page }: CanonicalEvent): string | undefined {
  if (source === "app") return short(page?.title) ?? pathOf(page?.url);
  return pathOf(page?.url) ?? short(page?.title);
}

function pageAttributes({ page }: CanonicalEvent): Attributes {
  return {
    url: address(page?.url),
    path: pathOf(page?.url),
    title: short(page?.title),
    referrer: address(page?.referrer),
  };
}

function pathOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const text = withoutAddresses(url.trim());
  const path = URL.canParse(text) ? new URL(text).pathname : (text.startsWith("/") ? text : "").replace(/[?#].*$/s, "");
  return path === "" || path.length > LONGEST_ADDRESS ? undefined : path;
}

/** A cut address leads nowhere: one that is too long is left out. */
function address(url: string | undefined): string | undefined {
  const cleaned = url === undefined ? "" : withoutAddresses(url.trim());
  return cleaned === "" || cleaned.length > LONGEST_ADDRESS ? undefined : cleaned;
}

function product(item: Item): Attributes {
  return withoutEmpty({
    product_id: short(item.id),
    name: short(item.name),
    brand: short(item.brand),
    category: short(item.category),
    variant: short(item.variant),
    price: number(item.price),
    quantity: item.quantity ?? 1,
    coupon: short(item.coupon),
  });
}

function clean(text: string | undefined): string | undefined {
  return text === undefined ? undefined : short(withoutAddresses(text));
}

function short(text: string | undefined): string | undefined {
  const whole = text?.trim() || undefined;
  return whole === undefined ? undefined : cutText(whole, LONGEST_TEXT);
}

function number(amount: Decimal | undefined): number | undefined {
  return amount === undefined ? undefined : moneyToNumber(amount);
}
