import {
  allOf,
  anything,
  boolean,
  checkFields,
  count,
  country,
  currency,
  isObject,
  type JsonObject,
  listOf,
  listOfUpTo,
  matching,
  missingFields,
  object,
  oneOf,
  type Problem,
  pathsOfEmails,
  publicIp,
  type Rule,
  sha256,
  text,
  textUpTo,
  uuid,
  webUrl,
} from "../../rules.ts";
import { epochMillis } from "../../time-rules.ts";

/** Type → the type of its `data`. */
const DATA_TYPES: Readonly<Record<string, string>> = {
  page_viewed: "contents",
  contents_viewed: "contents",
  items_added: "contents",
  checkout_started: "contents",
  order_created: "contents",
  lead_created: "customer_action",
  registration_completed: "customer_action",
  appointment_scheduled: "customer_action",
  app_installed: "customer_action",
  app_opened: "customer_action",
  subscription_created: "plan_enrollment",
  trial_started: "plan_enrollment",
  custom: "custom",
};

const DAY_MS = 86_400_000;
const MOST_VALUES = 3;

/** An opaque token: nothing that a browser would have had to encode. */
const token = matching(/^[\x21-\x7e]+$/, "an opaque token");
const hashes = listOfUpTo(MOST_VALUES, sha256, 1);
const place: Rule = (value) =>
  textUpTo(128)(value) ?? (value === String(value).trim().toLowerCase() ? undefined : "must be trimmed and lower case");
const postalCode = matching(/^[A-Za-z0-9 -]{1,32}$/, "a postal code of letters, digits, spaces and hyphens");
const lowerUuid = allOf(uuid, matching(/^[^A-Z]*$/, "a UUID in lower case"));
const pageUrl: Rule = (value) => {
  const problem = webUrl(value);
  if (problem !== undefined) return problem;
  const { search, hash, username } = new URL(String(value));
  return search + hash + username === "" ? undefined : "must have no query, fragment or user";
};
const customName: Rule = (value) => {
  const form = matching(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$/, "an event name of OpenAI's alphabet");
  const isStandard = Object.hasOwn(DATA_TYPES, String(value)) || value === "attribution_appended";
  return form(value) ?? (isStandard ? "must not be a standard name" : undefined);
};

const USER_FIELDS: Readonly<Record<string, Rule>> = {
  emails_sha256: hashes,
  phone_numbers_sha256: hashes,
  external_ids_sha256: hashes,
  first_names_sha256: hashes,
  last_names_sha256: hashes,
  countries: listOfUpTo(MOST_VALUES, country, 1),
  cities: listOfUpTo(MOST_VALUES, place, 1),
  regions: listOfUpTo(MOST_VALUES, place, 1),
  postal_codes: listOfUpTo(MOST_VALUES, postalCode, 1),
  obref: token,
  ip_address: publicIp,
  user_agent: text,
  android_advertising_id: lowerUuid,
};

const DATA_FIELDS: Readonly<Record<string, Rule>> = {
  type: anything,
  amount: count,
  currency,
  contents: allOf(listOf(object), (value) =>
    Array.isArray(value) && value.length === 0 ? "must not be empty" : undefined,
  ),
  plan_id: text,
};

const CONTENT_FIELDS: Readonly<Record<string, Rule>> = {
  id: text,
  group_id: text,
  name: text,
  content_type: text,
  quantity: count,
  amount: count,
  currency,
  variant_dict: object,
};

function eventFields(now: number): Readonly<Record<string, Rule>> {
  return {
    id: text,
    type: oneOf(...Object.keys(DATA_TYPES)),
    custom_event_name: customName,
    timestamp_ms: epochMillis(now, { maxAgeMs: 7 * DAY_MS, maxAheadMs: 10 * 60_000 }),
    action_source: oneOf("web", "mobile_app", "offline", "physical_store", "phone_call", "email", "other"),
    source_url: pageUrl,
    oppref: token,
    opt_out: boolean,
    user: object,
    data: object,
  };
}

/** The id, which must be the pixel's, and a user agent, in which crawlers name their owner. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["id", "user.user_agent"]);

/**
 * Every rule of one event. `strict` refuses fields that OpenAI's documents do not name, the pixel's singular ones too.
 */
export function openAiEventProblems(event: unknown, now: number, strict: boolean): Problem[] {
  if (!isObject(event)) return [problem("", "must be an object")];
  const unknown = strict ? undefined : anything;
  return [
    ...missingFields(event, "", ["id", "type", "timestamp_ms", "action_source", "data"]),
    ...checkFields(event, "", eventFields(now), unknown),
    ...(event.action_source === "web" ? missingFields(event, "", ["source_url"]) : []),
    ...customNameProblems(event),
    ...userProblems(event.user, unknown),
    ...dataProblems(event, unknown),
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) =>
      problem(path, "must not hold an e-mail address in clear"),
    ),
  ];
}

function customNameProblems(event: JsonObject): Problem[] {
  if (event.type === "custom") return missingFields(event, "", ["custom_event_name"]);
  return event.custom_event_name === undefined ? [] : [problem("custom_event_name", "is for custom events only")];
}

function userProblems(user: unknown, unknown: Rule | undefined): Problem[] {
  if (!isObject(user)) return [];
  if (Object.keys(user).length === 0) return [problem("user", "must not be empty")];
  return checkFields(user, "user", USER_FIELDS, unknown);
}

function dataProblems(event: JsonObject, unknown: Rule | undefined): Problem[] {
  const { data, type } = event;
  if (!isObject(data)) return [];
  const expected = Object.hasOwn(DATA_TYPES, String(type)) ? DATA_TYPES[String(type)] : undefined;
  const contents: readonly unknown[] = Array.isArray(data.contents) ? data.contents : [];
  const takesPlan = data.type === "plan_enrollment" || data.type === "custom";
  return [
    ...(data.type === expected ? [] : [problem("data.type", `must be ${expected ?? "the type's own"}`)]),
    ...checkFields(data, "data", DATA_FIELDS, unknown),
    ...moneyProblems(data, "data"),
    ...(data.contents !== undefined && data.type !== "contents"
      ? [problem("data.contents", "is for contents only")]
      : []),
    ...(data.plan_id !== undefined && !takesPlan
      ? [problem("data.plan_id", "is for plans and custom events only")]
      : []),
    ...contents.filter(isObject).flatMap((content, index) => {
      const path = `data.contents[${index}]`;
      return [...checkFields(content, path, CONTENT_FIELDS, unknown), ...moneyProblems(content, path)];
    }),
  ];
}

function moneyProblems(value: JsonObject, path: string): Problem[] {
  return value.amount !== undefined && value.currency === undefined
    ? [problem(`${path}.currency`, "is required with an amount")]
    : [];
}

function problem(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
