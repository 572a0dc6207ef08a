import type { CanonicalEvent, Decimal, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { wholeQuantity } from "../../core/item-lines.ts";
import { absolute, addMoney, isNegative, moneyToFixed, multiplyMoney } from "../../core/money.ts";
import { attributionOf } from "./attribution.ts";
import { commissionShares } from "./commission.ts";
import { orderReference } from "./order-reference.ts";
import { plainText } from "./plain-text.ts";
import type { AwinSettings } from "./settings.ts";

/** What an order needs besides its event. */
export interface OrderScope {
  readonly settings: AwinSettings;
  /** Commission group of whatever has none of its own. */
  readonly group: string;
  readonly isTest: boolean;
  /** Epoch ms. */
  readonly now: number;
}

/** One order as Awin takes it; what is undefined does not reach the body. */
export function orderOf(event: CanonicalEvent, { settings, group, isTest, now }: OrderScope): Record<string, unknown> {
  const attribution = attributionOf(event, settings);
  const cents = orderCents(event, settings);
  const shares = commissionShares(cents, weightsOf(event, settings, group), group);
  return {
    orderReference: orderReference(event),
    amount: amountOf(cents),
    channel: attribution?.channel,
    currency: currencyOf(event, settings),
    commissionGroups: shares.map((share) => ({ code: share.code, amount: amountOf(share.cents) })),
    awc: attribution?.awc,
    voucher: attribution?.voucher,
    customerAcquisition: customerType(event, settings),
    // Seconds, as in the example of Awin's Proof of Purchase API; the page of this one leaves the unit open.
    transactionTime: Math.floor(Math.min(event.event_time, now) / 1000),
    isTest,
    basket: basketOf(event, settings, group),
    custom: customParameters(event, settings),
  };
}

/**
 * True for what has a price: purchases, subscriptions, and the sender's own events that carry a value. All others are
 * leads, and the amount of a lead is how many there are.
 */
export function isSale({ event_name, value }: CanonicalEvent): boolean {
  return event_name === "purchase" || event_name === "subscribe" || (event_name === "custom" && value !== undefined);
}

/** The amount in whole cents: after discounts, before tax and shipping where the sender's value has them in it. */
export function orderCents(event: CanonicalEvent, { valueIncludes }: AwinSettings): bigint {
  if (!isSale(event)) return 100n;
  const extras = valueIncludes.map((extra) => event[extra]).filter((amount) => amount !== undefined);
  return centsOf(addMoney(event.value ?? "0", ...extras.map(negated)));
}

/** The event's currency, else the lane's; undefined when neither has one. */
export function currencyOf(event: CanonicalEvent, settings: AwinSettings): string | undefined {
  return event.currency?.toUpperCase() ?? settings.currency;
}

function negated(amount: Decimal): Decimal {
  return isNegative(amount) ? absolute(amount) : `-${amount}`;
}

function centsOf(amount: Decimal): bigint {
  return BigInt(moneyToFixed(amount, 2).replace(".", ""));
}

/** A JSON number of two decimals, made of the cents and never added up. */
function amountOf(cents: bigint): number {
  const digits = String(cents).padStart(3, "0");
  return Number(`${digits.slice(0, -2)}.${digits.slice(-2)}`);
}

/** What the products of each commission group cost. Unknown prices make a split unfair: then there is none. */
function weightsOf(event: CanonicalEvent, settings: AwinSettings, group: string): ReadonlyMap<string, bigint> {
  const weights = new Map<string, bigint>();
  const { items = [] } = event;
  if (!isSale(event) || Object.keys(settings.commissionGroupsByCategory).length === 0) return weights;
  for (const item of items) {
    const { price, quantity = 1 } = item;
    if (price === undefined || isNegative(price) || quantity < 0) return new Map();
    const code = groupOf(item, settings, group);
    weights.set(code, (weights.get(code) ?? 0n) + centsOf(multiplyMoney(price, quantity)));
  }
  return weights;
}

function groupOf({ category }: Item, { commissionGroupsByCategory: groups }: AwinSettings, group: string): string {
  return category !== undefined && Object.hasOwn(groups, category) ? (groups[category] ?? group) : group;
}

/** The products that have all that Awin requires of one. */
function basketOf(
  { items = [] }: CanonicalEvent,
  settings: AwinSettings,
  group: string,
): readonly Record<string, unknown>[] | undefined {
  const products = items.flatMap((item) => {
    const id = plainText(idInClear(item.id ?? ""));
    const name = plainText(item.name ?? "");
    if (id === "" || name === "" || item.price === undefined || isNegative(item.price)) return [];
    const category = plainText(item.category ?? "");
    return {
      id,
      name,
      price: amountOf(centsOf(item.price)),
      quantity: wholeQuantity(item),
      category: category === "" ? undefined : category,
      commissionGroupCode: groupOf(item, settings, group),
    };
  });
  return products.length === 0 ? undefined : products;
}

const CUSTOMER_TYPES: ReadonlyMap<unknown, "NEW" | "RETURNING"> = new Map<unknown, "NEW" | "RETURNING">([
  [true, "NEW"],
  ["true", "NEW"],
  ["new", "NEW"],
  [false, "RETURNING"],
  ["false", "RETURNING"],
  ["returning", "RETURNING"],
]);

function customerType({ properties }: CanonicalEvent, { customerTypeProperty: name }: AwinSettings) {
  const given = name === undefined ? undefined : properties?.[name];
  return CUSTOMER_TYPES.get(typeof given === "string" ? given.trim().toLowerCase() : given);
}

function customParameters(
  { properties = {} }: CanonicalEvent,
  { customParameters: parameters }: AwinSettings,
): Record<string, string> | undefined {
  const filled = Object.entries(parameters).flatMap(([number, property]) => {
    const given = Object.hasOwn(properties, property) ? properties[property] : undefined;
    const text = typeof given === "string" || typeof given === "number" ? plainText(String(given)) : "";
    return text === "" ? [] : [[number, text] as const];
  });
  return filled.length === 0 ? undefined : Object.fromEntries(filled);
}
