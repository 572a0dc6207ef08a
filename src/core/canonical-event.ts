import { type ClickIds, clickIdsFrom, clickIdsFromUrl, idsFromCookies } from "./client-ids.ts";
import { correctClock } from "./clock-skew.ts";
import type { ConsentString } from "./consent.ts";
import { signalProblems } from "./consent-signals.ts";
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
import type { Problem } from "./event-input.ts";
import { EVENT_NAME_ALIASES, likelyEventName } from "./event-names.ts";
import type { EventInput } from "./event-schema.ts";
import { publicIp } from "./ip-address.ts";
import { absolute, isNegative } from "./money.ts";
import { present } from "./present.ts";
import { describeShape } from "./safe-json.ts";
import { isUnfilled } from "./unfilled.ts";

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
  /** The page that the request came from, as far as the browser told: often its origin only. */
  pageUrl?: string;
  /** Where the connection comes from, when a proxy that is believed said so. */
  location?: NonNullable<CanonicalEvent["location"]>;
}

export type CanonicalResult =
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

/**
 * The input without ids that nobody meant. With `order_id: "undefined"` all purchases of a shop would be one event, and
 * with such a user id all customers one person.
 */
function withoutUnfilledIds(input: EventInput, warnings: Problem[]): EventInput {
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
  page: NonNullable<CanonicalEvent["page"]>,
  context: EventContext,
  seenAt: number,
): { browserIds: BrowserIds; clickIds: ClickIds } {
  const cookies = idsFromCookies({ ...context.visitor?.cookies, ...input.cookies }, seenAt);
  const { ga_session_id: session, ...given } = input.browser_ids ?? {};
  const givenClicks = clickIdsFrom((name) => input.click_ids?.[name as keyof ClickIds], seenAt);
  return {
    browserIds: {
      ...cookies.browserIds,
      ...present(given),
      ...(session === undefined ? {} : { ga_sessions: { ...cookies.browserIds.ga_sessions, "*": session } }),
    },
    clickIds: {
      ...clickIdsFromUrl(page.referrer, seenAt),
      ...cookies.clickIds,
      ...clickIdsFromUrl(page.url, seenAt),
      ...givenClicks,
    },
  };
}

function userOf(input: EventInput, context: EventContext, warnings: Problem[]): User {
  const { ip, user_agent, ...rest } = input.user ?? {};
  const user: User = present(rest);
  const { visitor } = context;
  const { kind } = context.source;
  // What a public key says about the connection anyone could say. An app's own requests name its HTTP library instead
  // of the device, so its user agent is its word.
  const ignored = { ...(kind === "server" ? {} : { ip }), ...(kind === "browser" ? { user_agent } : {}) };
  for (const [field, value] of Object.entries(ignored)) {
    if (value === undefined) continue;
    const rule = `ignored: ${kind === "browser" ? "a browser" : "an app"}'s own connection is used`;
    warnings.push({ field: `user.${field}`, rule, got: describeShape(value) });
  }
  if (kind === "server" && ip !== undefined && publicIp(ip) === undefined) {
    warnings.push({ field: "user.ip", rule: "ignored: not a public address", got: describeShape(ip) });
  }
  const address = publicIp(kind === "server" ? (ip ?? visitor?.ip) : visitor?.ip);
  const agent = kind === "browser" ? visitor?.userAgent : (user_agent ?? visitor?.userAgent);
  if (address !== undefined) user.ip = address;
  if (agent !== undefined && agent !== "") user.user_agent = agent;
  return user;
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

/**
 * Where it happened when nobody said. Platforms take a website's event with its page and user agent only, and any other
 * without: `website` is claimed where both are there.
 */
function likelyActionSource({ page, user }: EventInput, { source }: EventContext): ActionSource {
  if (source.kind !== "server") return source.kind === "browser" ? "website" : "app";
  return page?.url !== undefined && user?.user_agent !== undefined ? "website" : "other";
}

// A tag that says nothing about its page is still on one, and the browser names it.
function pageOf(input: EventInput, place: ActionSource, { source, visitor }: EventContext, warnings: Problem[]) {
  const page = present({ ...input.page });
  if (page.url !== undefined || source.kind !== "browser" || place !== "website") return page;
  if (visitor?.pageUrl !== undefined) return { ...page, url: visitor.pageUrl };
  warnings.push({
    field: "page.url",
    rule: "missing: most platforms refuse a website's event without it",
    got: "nothing",
  });
  return page;
}

function nonEmpty<T extends object>(input: T): T | undefined {
  return Object.keys(input).length === 0 ? undefined : input;
}
