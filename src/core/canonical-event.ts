import { type ClickIds, clickIdsFromUrl, idsFromCookies } from "./client-ids.ts";
import { correctClock } from "./clock-skew.ts";
import {
  type ActionSource,
  type BrowserIds,
  type CanonicalEvent,
  EVENT_NAMES,
  type EventName,
  type JsonValue,
  SCHEMA_VERSION,
  type User,
} from "./event.ts";
import type { EventInput, Problem } from "./event-input.ts";
import { isPublicIp } from "./ip-address.ts";
import { absolute, isNegative } from "./money.ts";
import { describeShape } from "./safe-json.ts";

/** Other spellings of canonical names that the API takes, as documented. Everything else is a custom event. */
export const EVENT_NAME_ALIASES: Readonly<Record<string, EventName>> = { generate_lead: "lead" };

/** What ingest knows about an event besides what the event says. */
export interface EventContext {
  source: CanonicalEvent["source"];
  /** Epoch ms of our clock. */
  receivedAt: number;
  /** The sender's clock when it sent, epoch ms. */
  sentAt?: number | undefined;
  /** The event was made on a visitor's device, whose clock may be wrong. */
  deviceClock: boolean;
  /** The connection, when it is the person's own; absent when a server speaks for the person. */
  visitor?: Visitor;
  /** Whose deduplication id a purchase or refund carries when both are there. */
  preferOrderId: boolean;
  newId(): string;
}

/** What a visitor's own connection shows. */
export interface Visitor {
  ip: string;
  userAgent?: string;
  /** `Cookie` header of the request, parsed. */
  cookies: Readonly<Record<string, string>>;
  /** `Sec-GPC: 1` was sent. */
  globalPrivacyControl: boolean;
}

export type CanonicalResult =
  | { ok: true; event: CanonicalEvent; warnings: Problem[] }
  | { ok: false; errors: Problem[]; warnings: Problem[] };

/** Turns a checked input into the canonical event: names, ids, clock, browser ids, and who may say what. */
export function toCanonicalEvent(input: EventInput, context: EventContext): CanonicalResult {
  const warnings: Problem[] = [];
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

  const ids = clientIds(input, context, time.eventTime);
  const consent = consentOf(input, context);
  const value = valueIn(input, name.event_name, warnings);
  const event = withoutUndefined({
    schema_version: SCHEMA_VERSION as typeof SCHEMA_VERSION,
    ...eventIdOf(input, name.event_name, value, context),
    ...name,
    event_time: time.eventTime,
    received_at: context.receivedAt,
    clock: nonEmpty(
      withoutUndefined({
        event_time: input.event_time,
        sent_at: input.sent_at ?? context.sentAt,
        corrected_by_ms: time.correctedByMs,
      }),
    ),
    source: context.source,
    action_source: input.action_source ?? defaultActionSource(input, context),
    page: nonEmpty(withoutUndefined({ ...input.page })),
    user: userOf(input, context, warnings),
    browser_ids: nonEmpty(ids.browserIds),
    click_ids: nonEmpty(ids.clickIds),
    consent: nonEmpty(consent),
    order_id: input.order_id,
    lead_id: input.lead_id,
    value,
    currency: input.currency,
    tax: input.tax,
    shipping: input.shipping,
    discount: input.discount,
    coupon: input.coupon,
    items: input.items?.map((item) => withoutUndefined(item)),
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
  const name = EVENT_NAME_ALIASES[given] ?? EVENT_NAMES.find((known) => known === given);
  if (name !== undefined && name !== "custom") return { event_name: name, custom_name: undefined };
  const near = EVENT_NAMES.find((known) => known === given.toLowerCase().replaceAll(/[\s-]+/g, "_"));
  if (near !== undefined && near !== "custom") {
    warnings.push({
      field: "event_name",
      rule: `taken as a custom event; did you mean ${near}?`,
      got: describeShape(given),
    });
  }
  return { event_name: "custom", custom_name: given };
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
  if (name === "refund" && context.source.kind === "browser") {
    errors.push({ field: "event_name", rule: "refund is taken from server keys only", got: "browser key" });
  }
  return errors;
}

// A refund of -50 and one of 50 mean the same.
function valueIn(input: EventInput, name: EventName, warnings: Problem[]): string | undefined {
  if (name === "purchase" && (input.value === undefined || input.currency === undefined)) {
    const field = input.value === undefined ? "value" : "currency";
    warnings.push({ field, rule: "missing: most platforms refuse a purchase without it", got: "nothing" });
  }
  return input.value === undefined ? undefined : absolute(input.value);
}

/**
 * The event's id and where it comes from. One order is bought once, so the order id is enough for a purchase; it can be
 * refunded in parts, so a refund's id also takes the amount and, when the sender gave it, the time.
 */
function eventIdOf(
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

/** Given ids win over the page's URL, that over cookies (older), that over the referrer (may be someone else's page). */
function clientIds(
  input: EventInput,
  context: EventContext,
  seenAt: number,
): { browserIds: BrowserIds; clickIds: ClickIds } {
  const cookies = idsFromCookies({ ...context.visitor?.cookies, ...input.cookies }, seenAt);
  const { ga_session_id: session, ...given } = input.browser_ids ?? {};
  const givenClicks: ClickIds = {};
  for (const [name, value] of Object.entries(input.click_ids ?? {})) {
    if (value !== undefined) givenClicks[name as keyof ClickIds] = { value, seen_at: seenAt };
  }
  return {
    browserIds: {
      ...cookies.browserIds,
      ...withoutUndefined(given),
      ...(session === undefined ? {} : { ga_sessions: { ...cookies.browserIds.ga_sessions, "*": session } }),
    },
    clickIds: {
      ...clickIdsFromUrl(input.page?.referrer, seenAt),
      ...cookies.clickIds,
      ...clickIdsFromUrl(input.page?.url, seenAt),
      ...givenClicks,
    },
  };
}

function userOf(input: EventInput, context: EventContext, warnings: Problem[]): User {
  const { ip, user_agent, ...rest } = input.user ?? {};
  const user: User = withoutUndefined(rest);
  if (context.visitor !== undefined && context.source.kind === "browser") {
    for (const [field, value] of Object.entries({ "user.ip": ip, "user.user_agent": user_agent })) {
      if (value !== undefined) {
        warnings.push({ field, rule: "ignored: a browser's own connection is used", got: describeShape(value) });
      }
    }
  } else if (ip !== undefined && publicIp(ip) === undefined) {
    warnings.push({ field: "user.ip", rule: "ignored: not a public address", got: describeShape(ip) });
  }
  const visitorSpeaks = context.source.kind === "browser";
  const address = publicIp(visitorSpeaks ? context.visitor?.ip : (ip ?? context.visitor?.ip));
  const agent = visitorSpeaks ? context.visitor?.userAgent : (user_agent ?? context.visitor?.userAgent);
  if (address !== undefined) user.ip = address;
  if (agent !== undefined && agent !== "") user.user_agent = agent;
  return user;
}

function publicIp(text: string | undefined): string | undefined {
  const address = text?.trim();
  return address !== undefined && isPublicIp(address) ? address : undefined;
}

function consentOf(input: EventInput, context: EventContext) {
  const gpc = input.consent?.gpc ?? (context.visitor?.globalPrivacyControl ? true : undefined);
  return withoutUndefined({ ...input.consent, gpc });
}

/** Where it happened when nobody said: `website` is only claimed when something shows it, platforms check it. */
function defaultActionSource(input: EventInput, context: EventContext): ActionSource {
  const website =
    context.visitor !== undefined || input.page?.url !== undefined || input.user?.user_agent !== undefined;
  return website ? "website" : "other";
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
};

function withoutUndefined<T extends object>(input: T): Defined<T> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function nonEmpty<T extends object>(input: T): T | undefined {
  return Object.keys(input).length === 0 ? undefined : input;
}
