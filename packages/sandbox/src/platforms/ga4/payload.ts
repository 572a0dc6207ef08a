import {
  anything,
  boolean,
  checkFields,
  currency,
  integer,
  isObject,
  type JsonObject,
  listOf,
  matching,
  missingFields,
  number,
  object,
  oneOf,
  opaqueId,
  type Problem,
  pathsOfEmails,
  publicIp,
  type Rule,
  sha256,
  text,
} from "../../rules.ts";
import { RESERVED_EVENT_NAMES, RESERVED_USER_PROPERTIES } from "./reserved.ts";
import {
  asMessages,
  characters,
  countMessages,
  isScalar,
  message,
  nameMessages,
  timeMessages,
  type ValidationMessage,
} from "./validation.ts";

/** What the limits depend on besides the body. */
export interface PayloadContext {
  readonly now: number;
  /** App streams identify by `app_instance_id` instead of `client_id`. */
  readonly app: boolean;
  readonly bytes: number;
}

const MAX_BYTES = 130_000;
const MAX_EVENTS = 25;
const MAX_PARAMS = 25;
const MAX_ITEMS = 200;
const MAX_USER_PROPERTIES = 25;

/** Longest text of a parameter; 100 where nothing else is said. */
const TEXT_LIMITS: ReadonlyMap<string, number> = new Map([
  ["page_location", 1000],
  ["page_referrer", 420],
  ["page_title", 300],
]);

const ROOT_FIELDS: Readonly<Record<string, Rule>> = {
  client_id: text,
  app_instance_id: text,
  user_id: opaqueId,
  timestamp_micros: integer,
  user_properties: object,
  user_data: object,
  consent: object,
  ip_override: publicIp,
  user_location: object,
  device: object,
  user_agent: text,
  non_personalized_ads: boolean,
  validation_behavior: oneOf("RELAXED", "ENFORCE_RECOMMENDATIONS"),
  events: listOf(object),
};

const CONSENT_FIELDS = {
  ad_user_data: oneOf("GRANTED", "DENIED"),
  ad_personalization: oneOf("GRANTED", "DENIED"),
};

const USER_DATA_FIELDS = {
  sha256_email_address: listOf(sha256),
  sha256_phone_number: listOf(sha256),
  address: listOf(object),
};

const ADDRESS_FIELDS = {
  sha256_first_name: sha256,
  sha256_last_name: sha256,
  sha256_street: sha256,
  city: text,
  region: text,
  postal_code: text,
  country: matching(/^[A-Z]{2}$/, "ISO 3166-1 alpha-2"),
};

const PARAM_TYPES: Readonly<Record<string, Rule>> = {
  transaction_id: text,
  value: number,
  currency,
  tax: number,
  shipping: number,
  coupon: text,
  search_term: text,
  payment_type: text,
  shipping_tier: text,
  method: text,
  session_id: text,
  engagement_time_msec: number,
  debug_mode: oneOf(1, true),
};

const ITEM_TYPES: Readonly<Record<string, Rule>> = {
  item_id: text,
  item_name: text,
  item_brand: text,
  item_category: text,
  item_variant: text,
  coupon: text,
  price: number,
  discount: number,
  quantity: integer,
  index: integer,
};

const REQUIRED_PARAMS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["purchase", ["transaction_id"]],
  ["refund", ["transaction_id"]],
]);

/** Every limit of the Measurement Protocol that a payload breaks; empty when Google would take all of it. */
export function ga4Problems(body: unknown, context: PayloadContext): ValidationMessage[] {
  if (!isObject(body)) return [message("", "the payload is not a JSON object", "VALUE_INVALID")];
  const identity = context.app ? "app_instance_id" : "client_id";
  const events: readonly unknown[] = Array.isArray(body.events) ? body.events : [];
  return [
    ...(context.bytes > MAX_BYTES ? [message("", "the payload exceeds 130 kB", "VALUE_OUT_OF_BOUNDS")] : []),
    ...asMessages(missingFields(body, "", [identity, "events"])),
    ...asMessages(checkFields(body, "", ROOT_FIELDS)),
    ...timeMessages(body, "", context.now),
    ...personMessages(body),
    ...countMessages(events.length, 1, MAX_EVENTS, "events"),
    ...events.flatMap((event, index) => (isObject(event) ? eventMessages(event, `events[${index}]`, context.now) : [])),
    ...pathsOfEmails(body, "", MAY_HOLD_EMAILS).map((path) =>
      message(path, "must not hold an e-mail address in clear", "VALUE_INVALID"),
    ),
  ];
}

/** User agents, in which crawlers name their operators; the user id has a rule of its own. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["user_agent", "user_id"]);

function personMessages(body: JsonObject): ValidationMessage[] {
  const problems: Problem[] = [];
  if (isObject(body.consent)) problems.push(...checkFields(body.consent, "consent", CONSENT_FIELDS));
  if (isObject(body.user_data)) {
    problems.push(...checkFields(body.user_data, "user_data", USER_DATA_FIELDS));
    const addresses: readonly unknown[] = Array.isArray(body.user_data.address) ? body.user_data.address : [];
    for (const [index, address] of addresses.entries()) {
      if (isObject(address)) problems.push(...checkFields(address, `user_data.address[${index}]`, ADDRESS_FIELDS));
    }
  }
  const messages = asMessages(problems);
  if (typeof body.user_id === "string" && characters(body.user_id) > 256) {
    messages.push(message("user_id", "is longer than 256 characters", "VALUE_OUT_OF_BOUNDS"));
  }
  return isObject(body.user_properties) ? [...messages, ...propertyMessages(body.user_properties)] : messages;
}

function propertyMessages(properties: JsonObject): ValidationMessage[] {
  const messages = countMessages(Object.keys(properties).length, 0, MAX_USER_PROPERTIES, "user_properties");
  for (const [name, property] of Object.entries(properties)) {
    const path = `user_properties.${name}`;
    messages.push(...nameMessages(name, path, RESERVED_USER_PROPERTIES, 24));
    const value = isObject(property) ? property.value : undefined;
    if (!isScalar(value)) messages.push(message(path, "needs a scalar `value`", "VALUE_INVALID"));
    else if (characters(value) > 36) messages.push(message(path, "is longer than 36", "VALUE_OUT_OF_BOUNDS"));
  }
  return messages;
}

function eventMessages(event: JsonObject, path: string, now: number): ValidationMessage[] {
  const messages = asMessages([
    ...missingFields(event, path, ["name"]),
    ...checkFields(event, path, { name: text, params: object, timestamp_micros: integer }),
  ]);
  messages.push(...timeMessages(event, `${path}.`, now));
  if (typeof event.name === "string") {
    messages.push(...nameMessages(event.name, `${path}.name`, RESERVED_EVENT_NAMES));
  }
  const params = isObject(event.params) ? event.params : {};
  messages.push(...asMessages(missingFields(params, `${path}.params`, REQUIRED_PARAMS.get(event.name) ?? [])));
  return [...messages, ...paramsMessages(params, `${path}.params`)];
}

function paramsMessages(params: JsonObject, path: string): ValidationMessage[] {
  const { items, ...scalars } = params;
  const messages = countMessages(Object.keys(params).length, 0, MAX_PARAMS, path);
  messages.push(...scalarMessages(scalars, path, PARAM_TYPES));
  if (params.value !== undefined) messages.push(...asMessages(missingFields(params, path, ["currency"])));
  if (items === undefined) return messages;
  if (!Array.isArray(items)) return [...messages, message(`${path}.items`, "must be an array", "VALUE_INVALID")];
  messages.push(...countMessages(items.length, 0, MAX_ITEMS, `${path}.items`));
  for (const [index, item] of (items as readonly unknown[]).entries()) {
    messages.push(...itemMessages(item, `${path}.items[${index}]`));
  }
  return messages;
}

function itemMessages(item: unknown, path: string): ValidationMessage[] {
  if (!isObject(item)) return [message(path, "must be an object", "VALUE_INVALID")];
  const messages = scalarMessages(item, path, ITEM_TYPES);
  if (item.item_id === undefined && item.item_name === undefined) {
    messages.push(message(path, "needs item_id or item_name", "VALUE_REQUIRED"));
  }
  return messages;
}

/** Names, types and lengths of parameters that may only be scalars. */
function scalarMessages(values: JsonObject, path: string, types: Readonly<Record<string, Rule>>): ValidationMessage[] {
  const messages = asMessages(checkFields(values, path, types, anything));
  for (const [name, value] of Object.entries(values)) {
    const at = `${path}.${name}`;
    messages.push(...nameMessages(name, at, new Set(["firebase_conversion"])));
    const limit = TEXT_LIMITS.get(name) ?? 100;
    if (!isScalar(value)) messages.push(message(at, "must be a string, number or boolean", "VALUE_INVALID"));
    else if (characters(value) > limit) {
      messages.push(message(at, `is longer than ${limit} characters`, "VALUE_OUT_OF_BOUNDS"));
    }
  }
  return messages;
}
