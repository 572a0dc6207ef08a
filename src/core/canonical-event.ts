import { correctClock } from "./clock-skew.ts";
import type { ConsentString } from "./consent.ts";
import { signalProblems } from "./consent-signals.ts";
import { type CanonicalEvent, EVENT_NAMES, type EventName, type JsonValue, SCHEMA_VERSION } from "./event.ts";
import type { EventContext } from "./event-context.ts";
import type { Problem } from "./event-input.ts";
import { EVENT_NAME_ALIASES, likelyEventName } from "./event-names.ts";
import type { EventInput } from "./event-schema.ts";
import { clientIds, likelyActionSource, pageOf, userOf } from "./event-visitor.ts";
import { absolute, isNegative } from "./money.ts";
import { present } from "./present.ts";
import { describeShape } from "./safe-json.ts";
import { eventIdOf, withoutUnfilledIds } from "./sender-ids.ts";

/** The event, or every reason why it is none. Warnings go back to the sender in both cases. */
type CanonicalResult =
  | { ok: true; event: CanonicalEvent; warnings: Problem[] }
  | { ok: false; errors: Problem[]; warnings: Problem[] };

/** Turns a checked input into the canonical event: names, ids, clock, browser ids, and who may say what. */
export function toCanonicalEvent(given: EventInput, context: EventContext): CanonicalResult {
  const warnings: Problem[] = [];
  const input = withoutUnfilledIds(given, warnings);
  const name = canonicalName(input.event_name, warnings);
  const time = correctClock({
    eventTime: input.event_time,
    sentAt: input.sent_at ?? context.sentAt,
    receivedAt: context.receivedAt,
    deviceClock: context.deviceClock,
  });
  const errors = refusals(input, name.event_name, context, time.impossible === true);
  if (errors.length > 0) return { ok: false, errors, warnings };
  if (time.wasAhead) warnings.push({ field: "event_time", rule: "in the future, taken as now", got: "a later time" });

  const action_source = input.action_source ?? likelyActionSource(input, context);
  const page = pageOf(input, action_source, context, warnings);
  const ids = clientIds(input, page, context, time.eventTime);
  const consent = consentOf(input, context, warnings);
  const value = amountOf(input, name.event_name, warnings);
  const event = present({
    schema_version: SCHEMA_VERSION as typeof SCHEMA_VERSION,
    ...eventIdOf(input, name.event_name, value, context),
    ...name,
    event_time: time.eventTime,
    received_at: context.receivedAt,
    clock: nonEmpty(
      present({
        event_time: input.event_time,
        sent_at: input.sent_at ?? context.sentAt,
        corrected_by_ms: time.correctedByMs,
      }),
    ),
    source: context.source,
    action_source,
    page: nonEmpty(page),
    campaign: nonEmpty(present(input.campaign ?? {})),
    app: input.app === undefined ? undefined : present(input.app),
    device: nonEmpty(present(input.device ?? {})),
    user: userOf(input, context, warnings),
    browser_ids: nonEmpty(ids.browserIds),
    click_ids: nonEmpty(ids.clickIds),
    consent: nonEmpty(consent),
    location: context.visitor?.location,
    order_id: input.order_id,
    lead_id: input.lead_id,
    value,
    currency: input.currency,
    tax: input.tax,
    shipping: input.shipping,
    discount: input.discount,
    coupon: input.coupon,
    items: input.items?.map((item) => present(item)),
    search_term: input.search_term,
    payment_type: input.payment_type,
    method: input.method,
    properties: nonEmpty((input.properties ?? {}) as { [key: string]: JsonValue }),
    destinations: nonEmpty(input.destinations ?? {}),
    test: input.test,
  });
  return { ok: true, event, warnings };
}

function canonicalName(
  given: string,
  warnings: Problem[],
): Pick<CanonicalEvent, "event_name"> & { custom_name: string | undefined } {
  const alias = Object.hasOwn(EVENT_NAME_ALIASES, given) ? EVENT_NAME_ALIASES[given] : undefined;
  const name = alias ?? EVENT_NAMES.find((known) => known === given);
  if (name !== undefined && name !== "custom") return { event_name: name, custom_name: undefined };
  const likely = likelyEventName(given);
  if (likely === undefined) return { event_name: "custom", custom_name: given };
  warnings.push({ field: "event_name", rule: `taken as ${likely}: send this name`, got: describeShape(given) });
  return { event_name: likely, custom_name: undefined };
}

function refusals(input: EventInput, name: EventName, context: EventContext, impossibleTime: boolean): Problem[] {
  const errors: Problem[] = [];
  if (impossibleTime) {
    errors.push({ field: "event_time", rule: "at most 7 days ahead of now", got: "a later time" });
  }
  if (input.value !== undefined && isNegative(input.value) && name !== "refund") {
    errors.push({ field: "value", rule: "zero or more, except for a refund", got: "negative number" });
  }
  // A public key is in every visitor's hands: whoever holds it could take back revenue.
  if (name === "refund" && context.source.kind !== "server") {
    const got = `${context.source.kind} key`;
    errors.push({ field: "event_name", rule: "refund is taken from server keys only", got });
  }
  return errors;
}

// A refund of -50 and one of 50 mean the same.
function amountOf(input: EventInput, name: EventName, warnings: Problem[]): string | undefined {
  if (name === "purchase" && (input.value === undefined || input.currency === undefined)) {
    const field = input.value === undefined ? "value" : "currency";
    warnings.push({ field, rule: "missing: most platforms refuse a purchase without it", got: "nothing" });
  }
  const named = input.event_id !== undefined || input.event_time !== undefined;
  if (name === "refund" && input.order_id !== undefined && !named) {
    const rule = "missing: with neither it nor an event_id, equal refunds of one order count as one";
    warnings.push({ field: "event_time", rule, got: "nothing" });
  }
  return input.value === undefined ? undefined : absolute(input.value);
}

/** As the sender gave it: enrich reads the strings, and what they lack is told here to whoever can mend it. */
function consentOf(input: EventInput, context: EventContext, warnings: Problem[]) {
  // An opt-out that the browser sends is not taken back by a page that did not look.
  const gpc = context.visitor?.globalPrivacyControl ? true : input.consent?.gpc;
  const consent = present({ ...input.consent, gpc });
  for (const { field, problem } of signalProblems(consent)) {
    const got = describeShape(consent[field.slice("consent.".length) as ConsentString]);
    warnings.push({ field, rule: `no answer: it ${problem}`, got });
  }
  return consent;
}

function nonEmpty<T extends object>(input: T): T | undefined {
  return Object.keys(input).length === 0 ? undefined : input;
}
