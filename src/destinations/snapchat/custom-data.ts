import type { CanonicalEvent, Item } from "../../core/event.ts";
import { positiveValue, unitPrice } from "../../core/event-money.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { hasId, piecesIn, wholeQuantity } from "../../core/item-lines.ts";
import { textInClear } from "../../core/page-url.ts";
import { presentOrNothing } from "../../core/present.ts";

/**
 * Snapchat's `custom_data`: what was bought, found or asked for; undefined when there is nothing of that. `name` is the
 * event's name there.
 */
export function customData(event: CanonicalEvent, name: string): Record<string, unknown> | undefined {
  const items = event.items ?? [];
  const contents = items.filter(hasId).map(content);
  return presentOrNothing({
    ...positiveValue(event),
    order_id: event.order_id === undefined ? undefined : idInClear(event.order_id),
    num_items: piecesIn(items),
    content_ids: contents.length === 0 ? undefined : contents.map(({ id }) => id),
    contents: contents.length === 0 ? undefined : contents,
    search_string: textInClear(event.search_term),
    sign_up_method: name === "SIGN_UP" ? textInClear(event.method) : undefined,
  });
}

function content(item: Item & { id: string }) {
  return {
    id: idInClear(item.id),
    quantity: wholeQuantity(item),
    item_price: unitPrice(item),
    brand: textInClear(item.brand),
  };
}
