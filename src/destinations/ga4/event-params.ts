import type { CanonicalEvent, Item, JsonValue } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { absolute, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { ga4Name, isReservedParameter } from "./event-name.ts";

const MAX_PARAMS = 25;
const MAX_ITEMS = 200;
/** Longest value of a parameter; GA4 drops what is longer, so a cut one is worth more. */
const LONGEST_VALUE = 100;
const LONGEST: ReadonlyMap<string, number> = new Map([
  ["page_location", 1000],
  ["page_referrer", 420],
  ["page_title", 300],
]);

type Param = string | number | Record<string, string | number>[];

/**
 * Parameters of one event, without e-mail addresses in any text: Google deletes data for them. `stream` is the
 * measurement id without `G-`, whose session cookie counts; `custom` names the event properties that the lane forwards;
 * `isTransaction` is true for events that GA4 joins by `transaction_id`.
 */
export function eventParams(
  event: CanonicalEvent,
  lane: { stream: string; custom: readonly string[]; isTransaction: boolean },
): Record<string, Param> {
  const isRefund = event.event_name === "refund";
  const standard: Record<string, Param | undefined> = {
    ...money(event),
    ...(lane.isTransaction ? { transaction_id: idInClear(event.order_id ?? event.event_id) } : {}),
    tax: amount(event.tax),
    shipping: amount(event.shipping),
    coupon: event.coupon,
    payment_type: event.payment_type,
    method: event.method,
    search_term: event.search_term,
    items: items(event.items),
    // A refund is the shop's act, later and elsewhere: it belongs to the order, not to a visit.
    ...(isRefund ? {} : pageAndSession(event, lane.stream)),
    // Without it the event is missing from realtime and session reports.
    engagement_time_msec: 1,
  };
  return cleaned({ ...standard, ...customParams(event, lane.custom, standard) }, MAX_PARAMS);
}

// GA4 takes a refund as a positive amount, and ignores a value without a currency.
function money({ event_name: name, value, currency }: CanonicalEvent): Record<string, Param> {
  if (value === undefined || currency === undefined) return {};
  return { currency: currency.toUpperCase(), value: moneyToNumber(name === "refund" ? absolute(value) : value) };
}

function pageAndSession(event: CanonicalEvent, stream: string): Record<string, Param | undefined> {
  const { page = {}, browser_ids: browser } = event;
  return {
    // Only this event's own session: one that the identity graph remembers may be long over.
    session_id: browser?.ga_sessions?.[stream] ?? browser?.ga_sessions?.["*"],
    page_location: page.url,
    // What led to a page says something about its view; after that it repeats the shop's own addresses.
    page_referrer: event.event_name === "page_view" && page.referrer ? page.referrer : undefined,
    page_title: page.title,
  };
}

function items(list: readonly Item[] | undefined): Record<string, string | number>[] | undefined {
  const usable = (list ?? []).filter(({ id, name }) => id || name).slice(0, MAX_ITEMS);
  return usable.length === 0 ? undefined : usable.map(item);
}

function item(item: Item): Record<string, string | number> {
  const fields: Record<string, string | number | undefined> = {
    item_id: item.id,
    item_name: item.name,
    item_brand: item.brand,
    item_category: item.category,
    item_variant: item.variant,
    price: amount(item.price),
    // An integer; GA4 reads an absent one as 1.
    quantity: Number.isInteger(item.quantity) ? item.quantity : undefined,
    coupon: item.coupon,
    discount: amount(item.discount),
    index: item.index,
  };
  return cleaned(fields);
}

function amount(value: string | undefined): number | undefined {
  return value === undefined ? undefined : moneyToNumber(value);
}

/** Never taken from properties, even when the event has none: they mean something only together and validated. */
const MONEY = new Set(["value", "currency", "transaction_id"]);

function customParams(
  event: CanonicalEvent,
  names: readonly string[],
  taken: Readonly<Record<string, unknown>>,
): Record<string, Param> {
  const params: Record<string, Param> = {};
  for (const name of names) {
    const value: JsonValue | undefined = event.properties?.[name];
    const key = ga4Name(name);
    if (key === "" || isReservedParameter(key) || Object.hasOwn(taken, key) || MONEY.has(key)) continue;
    if (typeof value === "boolean") params[key] = String(value);
    if (typeof value === "string" || typeof value === "number") params[key] = value;
  }
  return params;
}

/** The first `most` fields that have a value, texts without addresses and no longer than GA4 takes. */
function cleaned<Value>(
  fields: Readonly<Record<string, Value | string | undefined>>,
  most = Number.POSITIVE_INFINITY,
): Record<string, Value | string> {
  const kept: Record<string, Value | string> = {};
  let count = 0;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value === undefined || value === "" || count === most) continue;
    kept[name] = typeof value === "string" ? cut(withoutAddresses(value), LONGEST.get(name) ?? LONGEST_VALUE) : value;
    count += 1;
  }
  return kept;
}

// By code point: half a surrogate pair is no text.
function cut(text: string, longest: number): string {
  return text.length <= longest ? text : [...text].slice(0, longest).join("");
}
