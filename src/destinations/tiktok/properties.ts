import type { CanonicalEvent, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { hasId, wholeQuantity } from "../../core/item-lines.ts";
import { absolute, isNegative, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { presentOrNothing } from "../../core/present.ts";

/**
 * TikTok's `properties`: what was bought, found or asked for. Only listed fields, and texts without e-mail addresses.
 * Undefined when the event says nothing of the kind.
 */
export function tikTokProperties(event: CanonicalEvent): Record<string, unknown> | undefined {
  const contents = (event.items ?? []).filter(hasId).map(content);
  return presentOrNothing({
    ...money(event),
    order_id: event.order_id === undefined ? undefined : idInClear(event.order_id),
    ...(contents.length === 0 ? {} : { content_type: "product", contents }),
    search_string: event.search_term === undefined ? undefined : withoutAddresses(event.search_term),
  });
}

// A value means nothing without its currency. TikTok cannot take a conversion back, so a refund is an event of its own
// with a positive value.
function money(event: CanonicalEvent): { currency: string; value: number } | undefined {
  if (event.value === undefined || event.currency === undefined) return undefined;
  const value = event.event_name === "refund" ? absolute(event.value) : event.value;
  return { currency: event.currency, value: moneyToNumber(value) };
}

// The id is a text even where it is all digits: a number makes TikTok refuse the whole request (40002).
function content(item: Item & { id: string }): Record<string, unknown> {
  const { id, name, category, brand, price } = item;
  return {
    content_id: idInClear(id),
    ...(name ? { content_name: withoutAddresses(name) } : {}),
    ...(category ? { content_category: withoutAddresses(category) } : {}),
    ...(brand ? { brand: withoutAddresses(brand) } : {}),
    ...(price === undefined || isNegative(price) ? {} : { price: moneyToNumber(price) }),
    quantity: wholeQuantity(item),
  };
}
