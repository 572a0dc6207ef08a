import { type DeliveryContext, type Destination, type SkipReason, wireName } from "./destination.ts";
import { HOUR_MS } from "./durations.ts";
import type { CanonicalEvent } from "./event.ts";
import { isNegative } from "./money.ts";

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
  const limitMs = destination.limits.maxAgeMs(event, context.settings);
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

/**
 * Test mode without the code that marks a test: test events would count as real conversions. `setting` is the code's name
 * and where it comes from.
 */
export function missingTestCode(
  { testMode }: Pick<DeliveryContext<unknown>, "testMode">,
  code: string | undefined,
  setting: string,
): SkipReason | undefined {
  return testMode && code === undefined
    ? { code: "not_configured", detail: `test mode needs settings.${setting}` }
    : undefined;
}

/**
 * Why an event that is about to be called a purchase is none. Asked by the platform's name: settings and custom events may
 * call anything so, and no platform takes a purchase back.
 */
export function noPurchase({ event_name: name, value }: CanonicalEvent): SkipReason | undefined {
  if (name === "refund") {
    return { code: "not_configured", detail: "a refund would count as another purchase: give it another name" };
  }
  return value !== undefined && isNegative(value)
    ? incomplete("a purchase with a negative value is no purchase: send a refund")
    : undefined;
}

/** For platforms without a field for it: whoever asked that their data be used less is left out, as with a refusal. */
export function limitedUse(
  { consent }: Pick<CanonicalEvent, "consent">,
  { name }: Pick<Destination, "name">,
): SkipReason | undefined {
  return consent?.limited_data_use === true
    ? { code: "consent", detail: `limited_data_use is asked for, which ${name} has no field for` }
    : undefined;
}
