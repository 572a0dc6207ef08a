import type { ActionSource, CanonicalEvent, Item } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { hasId, wholeQuantity } from "../../core/item-lines.ts";
import { toMinorUnits } from "../../core/minor-units.ts";
import { isNegative } from "../../core/money.ts";
import { textInClear, webUrl, withoutAddresses } from "../../core/page-url.ts";
import { presentOrNothing } from "../../core/present.ts";
import { type DataType, eventTypeOf } from "./event-type.ts";
import { adClick, optsOut, userData } from "./user-data.ts";

/** One event as OpenAI takes it; `name` is its type or custom name there. What is undefined does not reach the body. */
export function conversionEvent(event: CanonicalEvent, name: string, now: number): Record<string, unknown> {
  const type = eventTypeOf(name);
  if (type === undefined) throw new RangeError("OpenAI has no event of this name");
  return {
    id: event.event_id,
    type: type.isCustom ? "custom" : type.name,
    custom_event_name: type.isCustom ? type.name : undefined,
    // Ten minutes ahead are taken; clocks of senders may be further ahead.
    timestamp_ms: Math.floor(Math.min(event.event_time, now)),
    action_source: ACTION_SOURCES[event.action_source],
    source_url: sourceUrl(event),
    oppref: adClick(event),
    opt_out: optsOut(event),
    user: presentOrNothing(userData(event)),
    data: eventData(event, type.data),
  };
}

const ACTION_SOURCES: Readonly<Record<ActionSource, string>> = {
  website: "web",
  app: "mobile_app",
  email: "email",
  phone_call: "phone_call",
  physical_store: "physical_store",
  chat: "other",
  system_generated: "other",
  other: "other",
};

/** The page's address without user, query and fragment, which OpenAI asks to be taken off. */
export function sourceUrl({ page }: CanonicalEvent): string | undefined {
  const url = webUrl(page?.url);
  if (url === undefined) return undefined;
  const { origin, pathname } = new URL(url);
  return withoutAddresses(origin + pathname);
}

function eventData(event: CanonicalEvent, type: DataType): Record<string, unknown> {
  const { value, currency, items = [] } = event;
  const identified = items.filter(hasId);
  const [plan] = identified.length === 1 ? identified : [];
  return {
    type,
    ...money(value, currency),
    contents:
      type === "contents" && identified.length > 0 ? identified.map((item) => content(item, currency)) : undefined,
    plan_id: type === "plan_enrollment" && plan !== undefined ? idInClear(plan.id) : undefined,
  };
}

/** An amount is an integer of minor units and never comes without its currency. */
function money(
  amount: string | undefined,
  currency: string | undefined,
): { amount: number; currency: string } | undefined {
  if (amount === undefined || currency === undefined || isNegative(amount)) return undefined;
  const minor = toMinorUnits(amount, currency);
  return Number.isSafeInteger(minor) ? { amount: minor, currency: currency.toUpperCase() } : undefined;
}

function content(item: Item & { id: string }, currency: string | undefined): Record<string, unknown> {
  return {
    id: idInClear(item.id),
    name: textInClear(item.name),
    quantity: wholeQuantity(item),
    ...money(item.price, currency),
  };
}
