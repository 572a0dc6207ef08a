import type { CanonicalEvent, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { hasId, wholeQuantity } from "../../core/item-lines.ts";
import { minorDigits } from "../../core/minor-units.ts";
import { isNegative, moneyToFixed, moneyToNumber } from "../../core/money.ts";
import { withoutAddresses } from "../../core/page-url.ts";
import { present, presentOrNothing } from "../../core/present.ts";
import { cutText } from "../../core/sender-properties.ts";

/** Not published; keeps the longest cart within a request. */
const LONGEST_TEXT = 250;

/**
 * Nextdoor's `custom`: what was sold. Undefined when there is nothing of it.
 * Source: https://developer.nextdoor.com/reference/conversions-track
 */
export function custom(event: CanonicalEvent) {
  const lines = (event.items ?? []).filter(hasId);
  return presentOrNothing({
    order_value: orderValue(event),
    order_id: event.order_id?.trim() ? idInClear(event.order_id.trim()) : undefined,
    product_context: lines.length === 0 ? undefined : lines.map(product),
  });
}

/** The amount as text behind its currency, "USD99.99", with the decimals that the currency has. */
export function orderValue({ value, currency }: CanonicalEvent): string | undefined {
  if (value === undefined || currency === undefined || isNegative(value)) return undefined;
  return `${currency.toUpperCase()}${moneyToFixed(value, minorDigits(currency))}`;
}

function product(item: Item & { id: string }) {
  return present({
    id: idInClear(item.id),
    content_name: text(item.name),
    item_price: item.price === undefined || isNegative(item.price) ? undefined : moneyToNumber(item.price),
    quantity: wholeQuantity(item),
  });
}

/** Nextdoor's `app`, which it wants of every event of one. */
export function appOf({ app, device }: CanonicalEvent) {
  if (app === undefined) return undefined;
  return present({
    // Apple's stores go by a number, Google's by the package name.
    app_id: text(app.store_id ?? app.id),
    app_tracking_enabled: device?.advertising_tracking_allowed,
    platform: app.platform,
    app_version: text(app.version),
  });
}

function text(raw: string | undefined): string | undefined {
  const plain = raw === undefined ? "" : withoutAddresses(raw).trim();
  return plain === "" ? undefined : cutText(plain, LONGEST_TEXT);
}
