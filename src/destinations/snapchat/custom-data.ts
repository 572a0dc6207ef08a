import type { CanonicalEvent, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { hasId, wholeQuantity } from "../../core/item-lines.ts";
import { absolute, isNegative, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { presentOrNothing } from "../../core/present.ts";

/**
 * Snapchat's `custom_data`: what was bought, found or asked for; undefined when there is nothing of that. `name` is the
 * event's name there.
 */
export function customData(event: CanonicalEvent, name: string): Record<string, unknown> | undefined {
  const items = event.items ?? [];
  const identified = items.filter(hasId);
  return presentOrNothing({
    ...money(event),
    order_id: event.order_id === undefined ? undefined : idInClear(event.order_id),
    num_items: items.length === 0 ? undefined : items.reduce((sum, item) => sum + wholeQuantity(item), 0),
    content_ids: identified.length === 0 ? undefined : identified.map(({ id }) => idInClear(id)),
    contents: identified.length === 0 ? undefined : identified.map(content),
    search_string: cleanText(event.search_term),
    sign_up_method: name === "SIGN_UP" ? cleanText(event.method) : undefined,
  });
}

// A value means nothing without its currency. Snapchat cannot take a conversion back: a refund is an event of its own
// with a positive value, and no other event or item has a negative one.
function money({ event_name, value, currency }: CanonicalEvent): { currency: string; value: number } | undefined {
  if (value === undefined || currency === undefined) return undefined;
  if (isNegative(value) && event_name !== "refund") return undefined;
  return { currency: currency.toUpperCase(), value: moneyToNumber(absolute(value)) };
}

function content(item: Item & { id: string }): Record<string, unknown> {
  return {
    id: idInClear(item.id),
    quantity: wholeQuantity(item),
    item_price: item.price === undefined || isNegative(item.price) ? undefined : moneyToNumber(item.price),
    brand: cleanText(item.brand),
  };
}

function cleanText(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : withoutAddresses(text);
}
