import type { CanonicalEvent, Decimal, Item, JsonValue } from "../../core/event.ts";
import { linesWithin } from "../../core/item-lines.ts";
import { addMoney, isNegative, moneyToNumber, multiplyMoney } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { withoutEmpty } from "../../core/present.ts";
import { cutText, type PropertyLimits, senderProperties } from "../../core/sender-properties.ts";

/** Fields of one object as they go out; undefined ones are left out by JSON. */
export type Properties = Record<string, unknown>;

import { touchTexts } from "../../core/touch-texts.ts";

/**
 * Braze takes 256 properties, names and texts of 255 characters, and 100 kB with lists or objects in them. What the
 * sender adds is held well below. Source: https://www.braze.com/docs/user_guide/data/activation/events/custom_events/custom_event_properties
 */
const OWN: PropertyLimits = { nameBytes: 255, textLength: 255, count: 200, characters: 8_000, depth: 8 };
const LONGEST_TEXT = 255;
/** Bytes of all lines of an order together. */
const LINES_BYTES = 60_000;
/** So many lines fit, whatever they hold. */
const SURELY_FIT = 12;
/** Names that make Braze refuse the object. */
const RESERVED = new Set(["time", "event_name"]);

/**
 * Properties of an event under a name of the user's: everything that the event says, in the canonical words, and what
 * the sender gave beside. `event_id` tells copies apart in exports, since Braze itself drops none.
 */
export function customProperties(event: CanonicalEvent): Properties {
  const named = withoutEmpty({
    event_id: event.event_id,
    order_id: event.order_id,
    lead_id: event.lead_id,
    value: number(event.value),
    currency: event.currency,
    tax: number(event.tax),
    shipping: number(event.shipping),
    discount: number(event.discount),
    coupon: short(event.coupon),
    items: withinBytes((event.items ?? []).map(plainItem)),
    search_term: clean(event.search_term),
    payment_type: short(event.payment_type),
    method: short(event.method),
    ...pageProperties(event),
    action_source: event.action_source,
    ...touchTexts(event),
  });
  return { ...named, ...ownProperties(event, named) };
}

/** What the sender gave beside the event's fields, without names that are taken. */
export function ownProperties({ properties }: CanonicalEvent, taken: Properties): Record<string, JsonValue> {
  return senderProperties(properties, OWN, (name) => RESERVED.has(name) || Object.hasOwn(taken, name));
}

/** The page that the event happened on; an address that Braze would not take whole is left out. */
function pageProperties({ page }: CanonicalEvent): Properties {
  return { page_url: address(page?.url), page_title: short(page?.title), page_referrer: address(page?.referrer) };
}

/** An address as it may be sent, or undefined when it has more characters than a property takes: a cut one leads nowhere. */
export function address(url: string | undefined): string | undefined {
  const cleaned = url === undefined ? undefined : withoutAddresses(url.trim());
  return cleaned === undefined || cleaned === "" || cleaned.length > LONGEST_TEXT ? undefined : cleaned;
}

/** A text as a property takes it. */
export function short(text: string | undefined): string | undefined {
  const whole = text?.trim();
  return whole === undefined || whole === "" ? undefined : cutText(whole, LONGEST_TEXT);
}

/** What the event is worth: its value, else what its items come to; undefined without either. */
export function totalOf({ value, items = [] }: CanonicalEvent): Decimal | undefined {
  if (value !== undefined) return value;
  const rows = items.flatMap(({ price, quantity = 1 }) =>
    price === undefined ? [] : [multiplyMoney(price, quantity)],
  );
  return rows.length === 0 ? undefined : addMoney(...rows);
}

/** An item's id and name, each standing in for the other; undefined when it has neither, or no price to go with it. */
export function namedItem({ id, name, price, quantity = 1 }: Item) {
  const label = short(name) ?? short(id);
  if (label === undefined || price === undefined || isNegative(price) || quantity <= 0) return undefined;
  return { id: short(id) ?? label, name: label, price, quantity };
}

/** As many of an order's lines as an event has room for. */
export function withinBytes(lines: readonly Properties[]): readonly Properties[] {
  return linesWithin(lines, LINES_BYTES, SURELY_FIT);
}

/** An amount as JSON has it. */
export function number(amount: Decimal | undefined): number | undefined {
  return amount === undefined ? undefined : moneyToNumber(amount);
}

function plainItem(item: Item): Properties {
  return withoutEmpty({
    id: short(item.id),
    name: short(item.name),
    brand: short(item.brand),
    category: short(item.category),
    variant: short(item.variant),
    price: number(item.price),
    quantity: item.quantity,
    coupon: short(item.coupon),
    discount: number(item.discount),
  });
}

function clean(text: string | undefined): string | undefined {
  return text === undefined ? undefined : short(withoutAddresses(text));
}
