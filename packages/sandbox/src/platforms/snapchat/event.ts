import {
  allOf,
  anything,
  boolean,
  checkFields,
  count,
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
  oneOrMany,
  type Problem,
  pathsOfEmails,
  publicIp,
  type Rule,
  sha256,
  text,
  uuid,
  webUrl,
} from "../../rules.ts";
import { epochMillis, epochSeconds, withinDays } from "../../time-rules.ts";

const NAMES =
  `PURCHASE SAVE START_CHECKOUT ADD_CART VIEW_CONTENT ADD_BILLING SIGN_UP SEARCH PAGE_VIEW SUBSCRIBE AD_CLICK
  AD_VIEW COMPLETE_TUTORIAL LEVEL_COMPLETE INVITE LOGIN SHARE RESERVE ACHIEVEMENT_UNLOCKED ADD_TO_WISHLIST SPENT_CREDITS
  RATE START_TRIAL LIST_VIEW APP_INSTALL APP_OPEN CUSTOM_EVENT_1 CUSTOM_EVENT_2 CUSTOM_EVENT_3 CUSTOM_EVENT_4
  CUSTOM_EVENT_5`.split(/\s+/);

const WEB = new Set<unknown>(["WEB", "website"]);
const APP = new Set<unknown>(["MOBILE_APP", "app"]);
const OFFLINE = ["OFFLINE", "physical_store", "phone_call", "email", "chat", "system_generated", "other"];

const MAX_AGE_DAYS = 37;

const lowerUuid = allOf(uuid, matching(/^[^A-Z]*$/, "a UUID in lower case"));
/** Snapchat's samples write amounts as text, its own library as numbers. */
const numeric: Rule = (value) =>
  typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? undefined : amountNumber(value);
const amountNumber: Rule = (value) => number(value) ?? (Number(value) < 0 ? "must not be negative" : undefined);
const noSpace = matching(/^[^\s@]+$/, "an id without white space");
const flag = oneOf(0, 1, true, false);

const HASHED = oneOrMany(sha256);
const USER_FIELDS: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries("em ph fn ln ge ct st zp country db external_id".split(" ").map((key) => [key, HASHED])),
  client_ip_address: publicIp,
  client_user_agent: text,
  madid: lowerUuid,
  idfv: uuid,
  sc_click_id: noSpace,
  sc_cookie1: noSpace,
  subscription_id: text,
  lead_id: text,
  anon_id: text,
  download_id: text,
};

const CONTENT_FIELDS: Readonly<Record<string, Rule>> = {
  id: text,
  quantity: (value) => (typeof value === "string" ? numeric(value) : count(value)),
  item_price: numeric,
  brand: text,
  delivery_category: text,
};

const CUSTOM_FIELDS: Readonly<Record<string, Rule>> = {
  value: numeric,
  currency,
  order_id: text,
  num_items: count,
  content_ids: listOf(text),
  content_category: text,
  content_type: text,
  contents: listOf(object),
  brands: oneOrMany(text),
  search_string: text,
  sign_up_method: text,
  predicted_ltv: numeric,
  delivery_category: text,
  status: text,
};

const extinfo: Rule = (value) => {
  if (!Array.isArray(value) || value.length !== 16 || value.some((slot) => typeof slot !== "string")) {
    return "must be 16 strings";
  }
  return value[0] === "i2" || value[0] === "a2" ? undefined : "[0] must be i2 or a2";
};
const APP_FIELDS: Readonly<Record<string, Rule>> = {
  app_id: text,
  advertiser_tracking_enabled: flag,
  application_tracking_enabled: flag,
  extinfo,
};

function eventFields(now: number): Readonly<Record<string, Rule>> {
  const bounds = withinDays(MAX_AGE_DAYS);
  const [seconds, millis] = [epochSeconds(now, bounds), epochMillis(now, bounds)];
  return {
    event_name: oneOf(...NAMES),
    // Both units are read; a time in neither is named as one in seconds.
    event_time: (value) => (millis(value) === undefined ? undefined : seconds(value)),
    event_id: text,
    action_source: oneOf(...WEB, ...APP, ...OFFLINE),
    event_source_url: webUrl,
    user_data: object,
    custom_data: object,
    app_data: object,
    opt_out: boolean,
    data_processing_options: listOf(oneOf("LMU", "lmu", "LDU")),
    data_processing_options_country: integer,
    data_processing_options_state: integer,
    integration: text,
    test_event_code: text,
  };
}

/** Every rule of one event of the Conversions API. `strict` refuses fields that Snapchat's documents do not name. */
export function snapchatEventProblems(event: unknown, now: number, strict: boolean): Problem[] {
  if (!isObject(event)) return [problem("", "must be an object")];
  const unknown = strict ? undefined : anything;
  return [
    ...missingFields(event, "", ["event_name", "event_time", "action_source", "user_data"]),
    ...checkFields(event, "", eventFields(now), unknown),
    ...userProblems(event, unknown),
    ...customProblems(event, unknown),
    ...sourceProblems(event, unknown),
    ...processingProblems(event),
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) =>
      problem(path, "must not hold an e-mail address in clear"),
    ),
  ];
}

/** Whether the event is one of an app, which has an address of its own. */
export function isAppEvent(event: unknown): boolean {
  return isObject(event) && APP.has(event.action_source);
}

/** The id, which must be the pixel's; and fields with rules of their own. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["event_id", "user_data"]);

function userProblems(event: JsonObject, unknown: Rule | undefined): Problem[] {
  const user = event.user_data;
  if (!isObject(user)) return [];
  const has = (name: string) => user[name] !== undefined;
  const suffices = has("em") || has("ph") || has("madid") || (has("client_ip_address") && has("client_user_agent"));
  return [
    ...checkFields(user, "user_data", USER_FIELDS, unknown),
    ...(suffices ? [] : [problem("user_data", "needs em, ph, madid, or client_ip_address with client_user_agent")]),
  ];
}

function customProblems(event: JsonObject, unknown: Rule | undefined): Problem[] {
  const custom = isObject(event.custom_data) ? event.custom_data : {};
  const contents: readonly unknown[] = Array.isArray(custom.contents) ? custom.contents : [];
  return [
    ...(event.event_name === "PURCHASE" ? missingFields(custom, "custom_data", ["value", "currency"]) : []),
    ...(isObject(event.custom_data) && Object.keys(custom).length === 0
      ? [problem("custom_data", "must not be empty")]
      : []),
    ...checkFields(custom, "custom_data", CUSTOM_FIELDS, unknown),
    ...contents
      .filter(isObject)
      .flatMap((content, index) => [
        ...missingFields(content, `custom_data.contents[${index}]`, ["id"]),
        ...checkFields(content, `custom_data.contents[${index}]`, CONTENT_FIELDS, unknown),
      ]),
  ];
}

function sourceProblems(event: JsonObject, unknown: Rule | undefined): Problem[] {
  const { app_data: app } = event;
  if (!isAppEvent(event)) {
    return [
      ...(WEB.has(event.action_source) ? missingFields(event, "", ["event_source_url"]) : []),
      ...(app === undefined ? [] : [problem("app_data", "is for events of apps only")]),
    ];
  }
  if (!isObject(app)) return missingFields(event, "", ["app_data"]);
  return [
    ...missingFields(app, "app_data", ["extinfo", "advertiser_tracking_enabled"]),
    ...checkFields(app, "app_data", APP_FIELDS, unknown),
  ];
}

function processingProblems(event: JsonObject): Problem[] {
  const path = "data_processing_options";
  const isPlaced = [`${path}_country`, `${path}_state`].some((name) => event[name] !== undefined);
  return isPlaced && event[path] === undefined ? [problem(path, "is required with a country or state")] : [];
}

function problem(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
