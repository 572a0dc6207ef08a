import type { CanonicalEvent, EventName } from "./event.ts";
import type { EventContext } from "./event-context.ts";
import type { Problem } from "./event-input.ts";
import type { EventInput } from "./event-schema.ts";
import { describeShape } from "./safe-json.ts";
import { isUnfilled } from "./unfilled.ts";

/**
 * The input without ids that nobody meant. With `order_id: "undefined"` all purchases of a shop would be one event, and
 * with such a user id all customers one person.
 */
export function withoutUnfilledIds(input: EventInput, warnings: Problem[]): EventInput {
  const filled = (field: string, value: string | undefined): string | undefined => {
    if (value === undefined || !isUnfilled(value)) return value;
    warnings.push({ field, rule: "ignored: nothing was filled in", got: describeShape(value) });
    return undefined;
  };
  const { user } = input;
  return {
    ...input,
    event_id: filled("event_id", input.event_id),
    order_id: filled("order_id", input.order_id),
    lead_id: filled("lead_id", input.lead_id),
    ...(user === undefined
      ? {}
      : {
          user: {
            ...user,
            user_id: filled("user.user_id", user.user_id),
            anonymous_id: filled("user.anonymous_id", user.anonymous_id),
          },
        }),
  };
}

/**
 * The event's id and where it comes from. One order is bought once, so the order id is enough for a purchase; it can be
 * refunded in parts, so a refund's id also takes the amount and, when the sender gave it, the time.
 */
export function eventIdOf(
  input: EventInput,
  name: EventName,
  value: string | undefined,
  context: EventContext,
): Pick<CanonicalEvent, "event_id" | "event_id_origin"> {
  const order = input.order_id;
  if (input.event_id !== undefined && !(context.preferOrderId && name === "purchase" && order !== undefined)) {
    return { event_id: input.event_id, event_id_origin: "given" };
  }
  if (name === "purchase" && order !== undefined) {
    return { event_id: `purchase-${order}`, event_id_origin: "order_id" };
  }
  if (name === "refund" && order !== undefined) {
    const seconds = input.event_time === undefined ? undefined : Math.floor(input.event_time / 1000);
    const parts = ["refund", order, value, seconds].filter((part) => part !== undefined);
    return { event_id: parts.join("-"), event_id_origin: "order_id" };
  }
  return { event_id: context.newId(), event_id_origin: "generated" };
}
