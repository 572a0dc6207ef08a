import { type DeliveryContext, type Destination, type SkipReason, wireName } from "./destination.ts";
import type { CanonicalEvent } from "./event.ts";

const HOUR_MS = 60 * 60 * 1000;

/** The reasons that are the same for every platform: no name for the event, a synthetic event, or one that is too old. */
export function sharedSkipReason(
  event: CanonicalEvent,
  destination: Pick<Destination, "name" | "eventNames" | "limits">,
  context: DeliveryContext<unknown>,
): SkipReason | undefined {
  if (event.event_name === "identify" || wireName(event, destination, context) === undefined) {
    return { code: "not_configured", detail: `${event.event_name} is not sent to ${destination.name} by this lane` };
  }
  if (event.test === true && !context.testMode) {
    return { code: "test_event", detail: "a test event is sent only in test mode" };
  }
  const ageMs = context.now - event.event_time;
  const limitMs = destination.limits.maxAgeMs(event);
  if (ageMs > limitMs) {
    const [age, limit] = [ageMs, limitMs].map((ms) => Math.floor(ms / HOUR_MS));
    return { code: "too_old", detail: `the event is ${age} h old, ${destination.name} takes it up to ${limit} h` };
  }
  return undefined;
}

/** An event that lacks something the platform insists on; `detail` says what and how to give it. */
export function incomplete(detail: string): SkipReason {
  return { code: "incomplete", detail };
}
