import type { CanonicalEvent, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { hasId, wholeQuantity } from "../../core/item-lines.ts";
import { absolute, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";

/**
 * Meta's `custom_data`: what was bought, found or asked for. Only listed fields, and those without e-mail addresses:
 * people type theirs into search fields.
 */
export function customData(event: CanonicalEvent): Record<string, unknown> | undefined {
  const items = event.items ?? [];
  const identified = items.filter(hasId);
  const data: Record<string, unknown> = {
    ...money(event),
    ...(event.order_id === undefined ? {} : { order_id: idInClear(event.order_id) }),
    ...(event.search_term === undefined ? {} : { search_string: withoutAddresses(event.search_term) }),
    ...(identified.length === 0
      ? {}
      : {
          content_type: "product",
          content_ids: identified.map(({ id }) => idInClear(id)),
          contents: identified.map(content),
        }),
    ...(items.length === 0 ? {} : { num_items: items.reduce((sum, item) => sum + wholeQuantity(item), 0) }),
  };
  return Object.keys(data).length === 0 ? undefined : data;
}

// A value means nothing without its currency. A refund is its own event with a positive value: Meta has no way to
// take a conversion back, and a negative Purchase corrupts the reported return on ad spend.
function money(event: CanonicalEvent): { currency: string; value: number } | undefined {
  if (event.value === undefined || event.currency === undefined) return undefined;
  const value = event.event_name === "refund" ? absolute(event.value) : event.value;
  return { currency: event.currency.toUpperCase(), value: moneyToNumber(value) };
}

function content(item: Item & { id: string }): Record<string, unknown> {
  return {
    id: idInClear(item.id),
    quantity: wholeQuantity(item),
    ...(item.price === undefined ? {} : { item_price: moneyToNumber(item.price) }),
  };
}
