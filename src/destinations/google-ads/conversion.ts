import type { ActionSource, CanonicalEvent, EventName } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { hasId, wholeQuantity } from "../../core/item-lines.ts";
import { isNegative, moneyToNumber } from "../../core/money.ts";
import { present } from "../../core/present.ts";
import { googleClick } from "./click.ts";
import { person } from "./person.ts";
import { purchaseTime, type RestatementSettings, remainingValue, usableId } from "./restatement.ts";

/** What of a lane's settings shapes a conversion. */
export interface ConversionSettings extends RestatementSettings {
  /** Merchant Center id, digits. Only with it are cart data sent: without, Google warns of every event. */
  merchantId?: string | undefined;
  /** Label of the Merchant Center feed that the item ids are from, such as `US`. */
  merchantFeedLabel?: string | undefined;
  /** ISO 639-1 language of that feed. */
  merchantFeedLanguage?: string | undefined;
}

const SOURCES: Readonly<Record<ActionSource, string>> = {
  website: "WEB",
  app: "APP",
  physical_store: "IN_STORE",
  phone_call: "PHONE",
  chat: "MESSAGE",
  email: "OTHER",
  system_generated: "OTHER",
  other: "OTHER",
};

/** Name of the conversion action within a request. A refund goes to the action of its purchase. */
export function destinationReference(name: EventName): string {
  return `ads_${name === "refund" ? "purchase" : name}`;
}

/** One `Event` of the Data Manager API. */
export function conversion(event: CanonicalEvent, settings: ConversionSettings, now: number): Record<string, unknown> {
  const isRefund = event.event_name === "refund";
  const happenedAt = isRefund ? (purchaseTime(event, settings) ?? event.event_time) : event.event_time;
  return present({
    destinationReferences: [destinationReference(event.event_name)],
    transactionId: transactionId(event),
    // Senders' clocks do run ahead, and an event of the future fails its request.
    eventTimestamp: timestamp(Math.min(happenedAt, now)),
    lastUpdatedTimestamp: isRefund ? timestamp(Math.min(event.event_time, now)) : undefined,
    eventSource: SOURCES[event.action_source],
    ...money(event, settings),
    ...person(event),
    cartData: cartData(event, settings),
  });
}

function timestamp(time: number): string {
  return new Date(time).toISOString();
}

/** Events that happen more than once on the way to one order: under its id, each would restate the one before. */
const BEFORE_THE_ORDER: ReadonlySet<EventName> = new Set([
  "page_view",
  "view_item",
  "view_item_list",
  "search",
  "add_to_cart",
  "remove_from_cart",
  "view_cart",
  "add_to_wishlist",
]);

/**
 * By what Google knows a conversion of an action again: the order's or lead's own id, which is also what the tag on the
 * page sends, else that of the event.
 */
function transactionId(event: CanonicalEvent): string {
  if (BEFORE_THE_ORDER.has(event.event_name)) return idInClear(event.event_id);
  const [order, lead] = [usableId(event.order_id), usableId(event.lead_id)];
  const isSale = event.event_name === "purchase" || event.event_name === "refund";
  return idInClear((isSale ? (order ?? lead) : (lead ?? order)) ?? event.event_id);
}

/** A value means nothing without its currency; without either, Google counts the action's own value. */
function money(event: CanonicalEvent, settings: ConversionSettings): Record<string, unknown> {
  const value = event.event_name === "refund" ? remainingValue(event, settings) : event.value;
  if (value === undefined || event.currency === undefined) return {};
  return { currency: event.currency.toUpperCase(), conversionValue: moneyToNumber(value) };
}

/** Codes that are plainly that: one that Google does not take would cost the conversion. */
const PLAIN_COUPON = /^[\w-]{1,40}$/;

// Google does not take cart data with a braid, and warns of items without product id or price.
function cartData(event: CanonicalEvent, settings: ConversionSettings): Record<string, unknown> | undefined {
  const { merchantId, merchantFeedLabel, merchantFeedLanguage } = settings;
  if (merchantId === undefined || event.event_name !== "purchase") return undefined;
  const click = googleClick(event);
  if (click !== undefined && click.name !== "gclid") return undefined;
  const items = cartItems(event);
  if (items.length === 0) return undefined;
  const { coupon, discount } = event;
  return present({
    merchantId,
    merchantFeedLabel,
    merchantFeedLanguageCode: merchantFeedLanguage,
    transactionDiscount: discount === undefined || isNegative(discount) ? undefined : moneyToNumber(discount),
    couponCodes: coupon !== undefined && PLAIN_COUPON.test(coupon) ? [coupon] : undefined,
    items,
  });
}

function cartItems({ items = [] }: CanonicalEvent): Record<string, unknown>[] {
  return items.filter(hasId).flatMap((item) => {
    const { id, price } = item;
    if (price === undefined || isNegative(price)) return [];
    return [{ merchantProductId: idInClear(id), quantity: wholeQuantity(item), unitPrice: moneyToNumber(price) }];
  });
}
