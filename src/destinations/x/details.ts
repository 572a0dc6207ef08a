import type { CanonicalEvent, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { wholeQuantity } from "../../core/item-lines.ts";
import { minorDigits } from "../../core/minor-units.ts";
import { isNegative, moneyToFixed, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";

/** What a conversion is worth and about. Texts without e-mail addresses: people type theirs into search fields. */
export function conversionDetails(event: CanonicalEvent): Record<string, unknown> {
  const items = event.items ?? [];
  const contents = items.filter(isNamed).map(content);
  return {
    ...money(event),
    ...(items.length === 0 ? {} : { number_items: items.reduce((sum, item) => sum + wholeQuantity(item), 0) }),
    ...(event.search_term === undefined ? {} : { search_string: withoutAddresses(event.search_term) }),
    ...(contents.length === 0 ? {} : { contents }),
  };
}

// Text with the decimals written out, as in "20.00". Without a currency X would take the value for dollars.
function money({ value, currency }: CanonicalEvent): { value: string; price_currency: string } | undefined {
  if (value === undefined || currency === undefined) return undefined;
  return { value: moneyToFixed(value, Math.max(2, minorDigits(currency))), price_currency: currency.toUpperCase() };
}

function isNamed({ id, name }: Item): boolean {
  return Boolean(id) || Boolean(name);
}

// The price is a number here, unlike the conversion's value.
function content(item: Item): Record<string, unknown> {
  const { id, name, category, price } = item;
  return {
    ...(id ? { content_id: idInClear(id) } : {}),
    ...(name ? { content_name: withoutAddresses(name) } : {}),
    ...(category ? { content_type: withoutAddresses(category) } : {}),
    ...(price === undefined || isNegative(price) ? {} : { content_price: moneyToNumber(price) }),
    num_items: wholeQuantity(item),
  };
}
