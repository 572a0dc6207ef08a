import {
  boolean,
  checkFields,
  count,
  currency,
  decimalText,
  isObject,
  type JsonObject,
  listOf,
  matching,
  missingFields,
  object,
  oneOf,
  opaqueId,
  type Problem,
  pathsOfEmails,
  publicIp,
  type Rule,
  sha256List,
  text,
  textUpTo,
  webUrl,
} from "../../rules.ts";
import { epochSeconds, withinDays } from "../../time-rules.ts";

/** By the OpenAPI description of v5, and of an advertiser's own making what fits the same form. */
const EVENT_NAME: Rule = textUpTo(100);

const ACTION_SOURCES = ["app_android", "app_ios", "web", "offline"] as const;

const HASHED = ["em", "ph", "ge", "db", "ln", "fn", "ct", "st", "zp", "country", "external_id", "hashed_maids"];

const USER_FIELDS: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(HASHED.map((name) => [name, sha256List])),
  client_ip_address: publicIp,
  client_user_agent: text,
  click_id: opaqueId,
  partner_id: opaqueId,
};

const CONTENT_FIELDS: Readonly<Record<string, Rule>> = {
  id: text,
  item_name: text,
  item_category: text,
  item_brand: text,
  item_brand_id: text,
  item_price: decimalText(6),
  quantity: count,
};

const CUSTOM_FIELDS: Readonly<Record<string, Rule>> = {
  currency,
  value: decimalText(6, "signed"),
  content_ids: listOf(text),
  contents: listOf(object),
  num_items: count,
  order_id: text,
  search_string: text,
  content_name: text,
  content_category: text,
  content_brand: text,
  predicted_ltv: decimalText(6),
  opt_out_type: matching(/^[A-Z]+(,[A-Z]+)*$/, "LDP, or several such flags with commas"),
};

const whole = (most: number): Rule => {
  return (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most
      ? undefined
      : `must be an integer of 0 to ${most}`;
};

const APP_FIELDS: Readonly<Record<string, Rule>> = {
  app_id: textUpTo(200),
  app_name: textUpTo(200),
  app_package_name: textUpTo(200),
  app_store: textUpTo(100),
  app_version: textUpTo(100),
  install_time: count,
  user_agent: textUpTo(16_384),
  window_height: whole(30_720),
  window_width: whole(30_720),
};

const DEVICE_FIELDS: Readonly<Record<string, Rule>> = {
  battery_level: whole(100),
  brand: textUpTo(100),
  carrier: textUpTo(100),
  cpu_cores: whole(1152),
  external_storage_free_space: whole(1_048_576),
  external_storage_size: whole(1_048_576),
  form_factor: oneOf("desktop", "laptop", "cellphone", "tablet", "smartwatch", "tv", "vr", "console", "other"),
  kernel_version: textUpTo(100),
  languages: listOf(matching(/^[a-z]{2}$/, "en")),
  locale: textUpTo(35),
  model: textUpTo(100),
  network_type: text,
  os_family: oneOf("ios", "android", "macos", "windows", "linux", "bsd", "other"),
  os_name: textUpTo(100),
  os_release_name: textUpTo(100),
  os_version: textUpTo(100),
  screen_density: whole(100_000),
  screen_height: whole(30_720),
  screen_width: whole(30_720),
  storage_free_space: whole(1_048_576),
  storage_size: whole(1_048_576),
  timezone: textUpTo(40),
  timezone_abbr: textUpTo(5),
  type: textUpTo(100),
};

const EVENT_FIELDS: Readonly<Record<string, Rule>> = {
  event_name: EVENT_NAME,
  action_source: oneOf(...ACTION_SOURCES),
  event_time: (value) => (Number.isSafeInteger(value) ? undefined : "must be an integer"),
  event_id: text,
  event_source_url: webUrl,
  opt_out: boolean,
  partner_name: matching(/^ss-[a-z0-9-]+$/, "ss-partnername"),
  user_data: object,
  custom_data: object,
  app_info: object,
  device_info: object,
  app_id: text,
  app_name: text,
  app_version: text,
  device_brand: text,
  device_carrier: text,
  device_model: text,
  device_type: text,
  os_version: text,
  wifi: boolean,
  language: matching(/^[a-z]{2}$/, "en: ISO 639-1"),
};

/**
 * What breaks the schema, which is closed at every level: a field that it does not name is refused like a wrong type,
 * and the whole request with it.
 */
export function schemaProblems(event: unknown): Problem[] {
  if (!isObject(event)) return [{ path: "", message: "must be an object", kind: "value" }];
  const inside = (name: string, fields: Readonly<Record<string, Rule>>) => {
    const value = event[name];
    return isObject(value) ? checkFields(value, name, fields) : [];
  };
  const contents =
    isObject(event.custom_data) && Array.isArray(event.custom_data.contents) ? event.custom_data.contents : [];
  return [
    ...missingFields(event, "", ["event_name", "action_source", "event_time", "event_id", "user_data"]),
    ...checkFields(event, "", EVENT_FIELDS),
    ...inside("user_data", USER_FIELDS),
    ...inside("custom_data", CUSTOM_FIELDS),
    ...inside("app_info", APP_FIELDS),
    ...inside("device_info", DEVICE_FIELDS),
    ...(contents as readonly unknown[])
      .filter(isObject)
      .flatMap((content, index) => checkFields(content, `custom_data.contents.${index}`, CONTENT_FIELDS)),
    ...identityProblems(event),
  ];
}

/** What is wrong with an event of the right form: it fails alone. */
export function eventProblems(event: JsonObject, now: number): Problem[] {
  const custom = isObject(event.custom_data) ? event.custom_data : {};
  const user = isObject(event.user_data) ? event.user_data : {};
  const late = epochSeconds(now, withinDays(7, 60_000))(event.event_time);
  const problems: Problem[] = late === undefined ? [] : [problem("event_time", late)];
  if (Object.keys(custom).length === 0 && event.custom_data !== undefined) {
    problems.push(problem("custom_data", "must not be empty"));
  }
  if ((custom.value === undefined) !== (custom.currency === undefined)) {
    problems.push(problem("custom_data.value", "is read in the account's currency without one of its own"));
  }
  if (event.event_name === "checkout" && String(custom.value).startsWith("-")) {
    problems.push(problem("custom_data.value", "of a checkout must not be negative"));
  }
  if (custom.opt_out_type !== undefined && event.opt_out !== true && !(user.st && user.country)) {
    problems.push(problem("custom_data.opt_out_type", "needs st and country, which name the law"));
  }
  const isApp = event.action_source === "app_ios" || event.action_source === "app_android";
  if (!isApp && (event.app_info !== undefined || event.device_info !== undefined)) {
    problems.push(problem("app_info", "belongs to app events only"));
  }
  if (event.event_source_url !== undefined && event.action_source !== "web") {
    problems.push(problem("event_source_url", "belongs to web events only"));
  }
  return [
    ...problems,
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) =>
      problem(path, "must not hold an e-mail address in clear"),
    ),
  ];
}

/** The tag's id, and what browsers say of themselves. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["event_id", "user_data.client_user_agent"]);

/** The schema's `anyOf`: an e-mail, a mobile advertising id, or an address with its user agent. */
function identityProblems({ user_data: user }: JsonObject): Problem[] {
  if (!isObject(user) || user.em !== undefined || user.hashed_maids !== undefined) return [];
  return user.client_ip_address !== undefined && user.client_user_agent !== undefined
    ? []
    : [problem("user_data", "needs em, hashed_maids, or client_ip_address with client_user_agent")];
}

function problem(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
