import type { CanonicalEvent } from "./event.ts";
import { absolute, isNegative, moneyToNumber } from "./money.ts";

/**
 * Value and currency, only together, for platforms that take amounts as numbers and cannot take a conversion back: a
 * refund is an event of its own there with a positive value, and of no other event does a negative one mean anything.
 */
export function positiveValue({
  event_name: name,
  value,
  currency,
}: CanonicalEvent): { currency: string; value: number } | undefined {
  if (value === undefined || currency === undefined) return undefined;
  if (isNegative(value) && name !== "refund") return undefined;
  return { currency: currency.toUpperCase(), value: moneyToNumber(absolute(value)) };
}

/** What a piece costs, as a number; undefined below zero. */
export function unitPrice({ price }: { readonly price?: string }): number | undefined {
  return price === undefined || isNegative(price) ? undefined : moneyToNumber(price);
}
