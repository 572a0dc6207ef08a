import type { CanonicalEvent, Decimal, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { hasId, piecesIn, wholeQuantity } from "../../core/item-lines.ts";
import { minorDigits } from "../../core/minor-units.ts";
import { absolute, isNegative, moneyToFixed } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { presentOrNothing } from "../../core/present.ts";

/**
 * Pinterest's `custom_data`: what was bought, found or asked for, amounts as text. Only listed fields, and texts without
 * e-mail addresses. Undefined when the event says nothing of the kind.
 */
export function customData(event: CanonicalEvent, isLimited: boolean): Record<string, unknown> | undefined {
  const items = event.items ?? [];
  const identified = items.filter(hasId);
  return presentOrNothing({
    ...money(event),
    order_id: event.order_id === undefined ? undefined : idInClear(event.order_id),
    ...(identified.length === 0
      ? {}
      : {
          content_ids: identified.map(({ id }) => idInClear(id)),
          contents: identified.map((item) => content(item, event.currency)),
        }),
    num_items: piecesIn(items),
    search_string: event.search_term === undefined ? undefined : withoutAddresses(event.search_term),
    opt_out_type: isLimited ? "LDP" : undefined,
  });
}

// Without a currency Pinterest takes the account's own, which need not be the event's.
function money({ currency, event_name: name, value }: CanonicalEvent): { currency: string; value: string } | undefined {
  if (value === undefined || currency === undefined) return undefined;
  return { currency, value: amountText(name === "refund" ? absolute(value) : value, currency) };
}

function content(item: Item & { id: string }, currency: string | undefined): Record<string, unknown> {
  const { id, name, category, brand, price } = item;
  const isPriced = price !== undefined && currency !== undefined && !isNegative(price);
  return {
    id: idInClear(id),
    ...(isPriced ? { item_price: amountText(price, currency) } : {}),
    quantity: wholeQuantity(item),
    ...(name ? { item_name: withoutAddresses(name) } : {}),
    ...(category ? { item_category: withoutAddresses(category) } : {}),
    ...(brand ? { item_brand: withoutAddresses(brand) } : {}),
  };
}

/** As many decimals as the currency has, and more where the amount has more: a price per gram is not rounded to 0.00. */
function amountText(amount: Decimal, currency: string): string {
  const digits = minorDigits(currency);
  const point = amount.indexOf(".");
  return point >= 0 && amount.length - point - 1 > digits ? amount : moneyToFixed(amount, digits);
}
