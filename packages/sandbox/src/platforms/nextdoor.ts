import {
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { bearerToken, hasContentType } from "../platform-request.ts";
import {
  amount,
  anything,
  boolean,
  checkFields,
  isObject,
  type JsonObject,
  listOf,
  matching,
  missingFields,
  object,
  oneOf,
  type Problem,
  parseJson,
  pathsOfEmails,
  problemLines,
  publicIp,
  type Rule,
  sha256,
  text,
  webUrl,
} from "../rules.ts";
import { epochSeconds, withinDays } from "../time-rules.ts";

/**
 * Nextdoor Conversions API, one event a call. Copies go by event name and id; for how long is not published, nor how
 * old an event may be, taken for 7 and 30 days here. Nor are the bodies of answers: those given here are made up.
 * https://developer.nextdoor.com/reference/conversions-track
 */
export const nextdoor: SandboxPlatform = {
  id: "nextdoor",
  hosts: ["ads.nextdoor.com"],
  dedupWindowMs: 7 * 86_400_000,
  judge,
  failure: (status) => refusal({ status, problems: ["scripted failure"] }),
};

const MAX_AGE_DAYS = 30;
const NAMES = `purchase lead sign_up add_to_cart initiate_checkout page_view search view_content add_to_wishlist
  subscribe`.split(/\s+/);
const CUSTOM_NAMES = Array.from({ length: 10 }, (_, index) => `custom_conversion_${index + 1}`);
const SOURCES = "website app email phone_call chat physical_store system_generated other".split(" ");
const STATES = Array.from({ length: 16 }, (_, index) => 1000 + index);
const NO_DECIMALS = new Set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "));
const CURRENCIES = new Set(Intl.supportedValuesOf("currency"));

/** Currency and amount in one text, with the currency's decimals. */
const money: Rule = (value) => {
  const [, currency = "", decimals = ""] = /^([A-Z]{3})\d+(?:\.(\d{2,3}))?$/.exec(String(value)) ?? [];
  if (typeof value !== "string" || !CURRENCIES.has(currency)) return "must have the form USD99.99";
  return NO_DECIMALS.has(currency) === (decimals === "") ? undefined : `must have the decimals of ${currency}`;
};

const pieces: Rule = (value) =>
  Number.isSafeInteger(value) && Number(value) > 0 ? undefined : "must be an integer above 0";
const opaque = matching(/^[\x21-\x7e]+$/, "an opaque token");

function rootFields(now: number): Readonly<Record<string, Rule>> {
  return {
    event_name: oneOf(...NAMES, ...CUSTOM_NAMES),
    event_id: text,
    event_time_epoch: epochSeconds(now, withinDays(MAX_AGE_DAYS)),
    data_source_id: matching(/^[\w-]+$/, "a data source id"),
    action_source: oneOf(...SOURCES),
    action_source_url: webUrl,
    delivery_optimization: boolean,
    test_event: oneOf("true", "false"),
    partner_id: text,
    restricted_data_usage: oneOf(1),
    restricted_data_usage_country: oneOf(1),
    restricted_data_usage_state: oneOf(...STATES),
    customer: object,
    custom: object,
    app: object,
  };
}

const CUSTOMER_FIELDS: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    `email phone_number first_name last_name date_of_birth gender street_address city state zip_code country
      external_id`
      .split(/\s+/)
      .map((name) => [name, sha256]),
  ),
  click_id: opaque,
  client_ip_address: publicIp,
  client_user_agent: text,
};

const CUSTOM_FIELDS: Readonly<Record<string, Rule>> = {
  order_value: money,
  order_id: text,
  delivery_category: oneOf("in_store", "curbside", "home_delivery"),
  product_context: listOf(object),
};

const PRODUCT_FIELDS: Readonly<Record<string, Rule>> = {
  id: text,
  content_name: text,
  item_price: amount,
  quantity: pieces,
};

const APP_FIELDS: Readonly<Record<string, Rule>> = {
  app_id: text,
  app_tracking_enabled: boolean,
  platform: oneOf("ios", "android"),
  app_version: text,
};

/** The id is the pixel's, and crawlers name their owner in a user agent. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["event_id", "customer.client_user_agent"]);

interface Gate {
  readonly status: number;
  readonly problems: readonly string[];
}

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const event: JsonObject = isObject(body) ? body : {};
  const gate = addressRefusal(request) ?? tokenRefusal(request) ?? eventRefusal(body, now, options);
  const { event_name: name, event_id: id, data_source_id: target } = event;
  const problems = gate?.problems ?? [];
  return {
    platform: "nextdoor",
    target: typeof target === "string" ? target : "(no data source)",
    answer: gate === undefined ? jsonAnswer(200, {}) : refusal(gate),
    events: [judgedEvent({ name, id, problems, taken: gate === undefined, event: body })],
    ...(event.test_event === "true" ? { dryRun: true } : {}),
  };
}

function refusal({ status, problems }: Gate): PlatformAnswer {
  return jsonAnswer(status, { message: problems.join("; ") });
}

function addressRefusal(request: PlatformRequest): Gate | undefined {
  if (request.path !== "/v2/api/conversions/track") return { status: 404, problems: [`no such path: ${request.path}`] };
  if (request.method !== "POST") return { status: 405, problems: ["only POST is taken"] };
  return hasContentType(request, "application/json") ? undefined : { status: 415, problems: ["the body must be JSON"] };
}

function tokenRefusal(request: PlatformRequest): Gate | undefined {
  const token = bearerToken(request);
  if (token === undefined || token.startsWith("INVALID")) return { status: 401, problems: ["the token is not valid"] };
  return token.startsWith("NOPERM") ? { status: 403, problems: ["the token is not of this account"] } : undefined;
}

function eventRefusal(body: unknown, now: number, { strict, rejectEventIds }: JudgeOptions): Gate | undefined {
  if (!isObject(body)) return { status: 400, problems: ["the body must be an object"] };
  const isScripted = typeof body.event_id === "string" && rejectEventIds.includes(body.event_id);
  const problems = [
    ...problemLines(eventProblems(body, now, strict ? undefined : anything)),
    ...(isScripted ? ["event_id is refused by script"] : []),
  ];
  return problems.length === 0 ? undefined : { status: 400, problems };
}

function eventProblems(event: JsonObject, now: number, unknown: Rule | undefined): Problem[] {
  const required = ["event_name", "event_id", "event_time_epoch", "data_source_id", "action_source", "customer"];
  return [
    ...missingFields(event, "", required),
    ...checkFields(event, "", rootFields(now), unknown),
    ...(event.action_source === "website" ? missingFields(event, "", ["action_source_url"]) : []),
    ...(event.action_source === "app" ? missingFields(event, "", ["app"]) : []),
    ...placeProblems(event),
    ...inner(event, "customer", CUSTOMER_FIELDS, unknown),
    ...identityProblems(event.customer),
    ...inner(event, "custom", CUSTOM_FIELDS, unknown),
    ...saleProblems(event),
    ...productProblems(event.custom, unknown),
    ...inner(event, "app", APP_FIELDS, unknown),
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) =>
      problem(path, "must not hold an e-mail address in clear"),
    ),
  ];
}

function placeProblems(event: JsonObject): Problem[] {
  const {
    restricted_data_usage: use,
    restricted_data_usage_country: country,
    restricted_data_usage_state: state,
  } = event;
  return [
    ...(country !== undefined && use === undefined
      ? [problem("restricted_data_usage_country", "says nothing without restricted_data_usage")]
      : []),
    ...(state !== undefined && country === undefined
      ? missingFields(event, "", ["restricted_data_usage_country"])
      : []),
  ];
}

function identityProblems(customer: unknown): Problem[] {
  if (!isObject(customer)) return [];
  return ["email", "phone_number", "click_id"].some((name) => customer[name] !== undefined)
    ? []
    : [problem("customer", "needs email, phone_number or click_id")];
}

function saleProblems({ event_name: name, action_source: source, custom }: JsonObject): Problem[] {
  if (name !== "purchase") return [];
  const required = source === "physical_store" ? ["order_value", "order_id"] : ["order_value"];
  return missingFields(isObject(custom) ? custom : {}, "custom", required);
}

function productProblems(custom: unknown, unknown: Rule | undefined): Problem[] {
  if (!isObject(custom) || !Array.isArray(custom.product_context)) return [];
  if (custom.product_context.length === 0) return [problem("custom.product_context", "must not be empty")];
  return custom.product_context.filter(isObject).flatMap((product, index) => {
    const path = `custom.product_context[${index}]`;
    return [...missingFields(product, path, ["id"]), ...checkFields(product, path, PRODUCT_FIELDS, unknown)];
  });
}

function inner(
  event: JsonObject,
  name: string,
  fields: Readonly<Record<string, Rule>>,
  unknown: Rule | undefined,
): Problem[] {
  const value = event[name];
  if (!isObject(value)) return [];
  if (Object.keys(value).length === 0) return [problem(name, "must not be empty")];
  return checkFields(value, name, fields, unknown);
}

function problem(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
