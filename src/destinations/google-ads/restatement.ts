import type { SkipReason } from "../../core/destination.ts";
import { DAY_MS } from "../../core/durations.ts";
import type { CanonicalEvent, Decimal, JsonValue } from "../../core/event.ts";
import { isNegative, parseMoney } from "../../core/money.ts";
import { incomplete } from "../../core/skip-checks.ts";

/** Where refunds say what Google needs in order to restate their purchase. */
export interface RestatementSettings {
  /** Property with what is left of the order's value: 0 for a full refund. Without this setting refunds are not sent. */
  refundRemainingValue?: string | undefined;
  /** Property with the time of the purchase: epoch ms, or ISO 8601 with an offset. */
  refundPurchaseTime?: string | undefined;
}

/** The new total of the order, as the refund states it. The amount that was paid back is another number. */
export function remainingValue(event: CanonicalEvent, settings: RestatementSettings): Decimal | undefined {
  const { refundRemainingValue: name } = settings;
  const given = name === undefined ? undefined : propertyOf(event, name);
  const value = typeof given === "number" || typeof given === "string" ? parseMoney(given) : undefined;
  return value === undefined || isNegative(value) ? undefined : value;
}

/** When the purchase happened, epoch ms, as the refund states it; never after the refund. */
export function purchaseTime(event: CanonicalEvent, settings: RestatementSettings): number | undefined {
  const { refundPurchaseTime: name } = settings;
  const given = name === undefined ? undefined : propertyOf(event, name);
  const time = typeof given === "string" && HAS_OFFSET.test(given) ? Date.parse(given) : given;
  const isTime = typeof time === "number" && time >= EARLIEST && time <= event.event_time;
  return isTime ? Math.floor(time) : undefined;
}

const HAS_OFFSET = /^\d{4}-\d\d-\d\dT.+(?:Z|[+-]\d\d:?\d\d)$/;
/** Numbers below are seconds, or no time at all. */
const EARLIEST = Date.UTC(2015, 0, 1);

/**
 * Why a refund is not sent. The Data Manager API cannot take a conversion back: sending its transaction id again sets
 * another value, and an id that Google does not know becomes a new conversion. Whether Google has the purchase, and
 * whether an old copy of it is still to come, a lane cannot see: hence only for those who ask for it.
 * Source: https://developers.google.com/data-manager/api/devguides/events/google-ads/conversion-adjustments
 */
export function restatementProblem(
  event: CanonicalEvent,
  settings: RestatementSettings,
  now: number,
): SkipReason | undefined {
  if (settings.refundRemainingValue === undefined) {
    return {
      code: "not_configured",
      detail: "Google cannot take a conversion back: see settings.refundRemainingValue for restating its value",
    };
  }
  if (usableId(event.order_id) === undefined) return incomplete("Google knows the purchase of a refund by order_id");
  if (remainingValue(event, settings) === undefined || event.currency === undefined) {
    return incomplete(
      "a refund restates its order: send currency, and what is left of the value in the property for it",
    );
  }
  const purchasedAt = purchaseTime(event, settings) ?? event.event_time;
  return now - purchasedAt > OLDEST_DAYS * DAY_MS
    ? { code: "too_old", detail: `the refund is of a purchase more than ${OLDEST_DAYS} days ago` }
    : undefined;
}

/** A restatement carries the time of its purchase, and is held to the limit of conversions. */
const OLDEST_DAYS = 90;

/** What stands where an id should be when a template was not filled; under it all orders would become one. */
const NO_ID = /^(?:.?|null|undefined|none|nan|\[object object\])$/i;

/** The id unless it is none. */
export function usableId(id: string | undefined): string | undefined {
  return id === undefined || NO_ID.test(id.trim()) ? undefined : id;
}

function propertyOf({ properties = {} }: CanonicalEvent, name: string): JsonValue | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}
