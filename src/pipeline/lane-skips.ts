import { vendorRefusals } from "../core/consent.ts";
import { decidedConsent, vendorConsent } from "../core/consent-decision.ts";
import { decideForLane, type LaneConsent } from "../core/consent-firewall.ts";
import { type DeliveryContext, type Destination, type SkipReason, wireName } from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { type LaneEventRules, unmetCondition } from "../core/event-rules.ts";
import type { LaneSettings, ReadMessage } from "./lane.ts";
import { deciderOf } from "./lane-merge.ts";

/** What a TC string does not grant to the platform's company is refused here, too: another copy may have brought it. */
export function forVendor(read: ReadMessage, destination: Destination): ReadMessage {
  const { event } = read.body;
  if (vendorRefusals(event.consent, destination.tcfVendorId).length === 0) return read;
  const consent = vendorConsent(event.consent ?? {}, destination.tcfVendorId);
  return { ...read, body: { ...read.body, event: { ...event, consent } } };
}

/** The decision of enrich, made once more: by today's configuration, and by what was refused since. */
export function consentNow(read: ReadMessage, lane: LaneSettings, destination: Destination): LaneConsent {
  const { event } = read.body;
  const effective = decidedConsent(event.consent, (purpose) => deciderOf(purpose, read));
  return decideForLane(event, { ...lane, destination }, effective);
}

/** What the lane asks of an event before anything else, where the event does not fulfil it. */
export function conditionSkip(event: CanonicalEvent, rules: LaneEventRules): SkipReason | undefined {
  const unmet = unmetCondition(event, rules);
  return unmet === undefined
    ? undefined
    : { code: "not_configured", detail: `sent to this destination only if ${unmet}` };
}

/**
 * Enrich asked the first three already, and they are asked again on purpose: an event may wait for days, and what the
 * configuration says now holds. A purpose that was taken out, or an event name turned off, stops what waits.
 */
export function skipReason(
  event: CanonicalEvent,
  consent: LaneConsent,
  destination: Destination,
  context: DeliveryContext<unknown>,
): SkipReason | undefined {
  if (event.test === true && !context.testMode) {
    return { code: "test_event", detail: "a test event is sent only in test mode" };
  }
  if (!consent.allowed) return { code: "consent", detail: consent.reason };
  if (wireName(event, destination, context) === undefined) {
    return { code: "not_configured", detail: `${event.event_name} is not sent to this destination` };
  }
  return destination.skipReason(event, context);
}
