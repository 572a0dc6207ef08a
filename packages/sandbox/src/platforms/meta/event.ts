import {
  amount,
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
  opaqueId,
  pathsOfEmails,
  publicIp,
  type Rule,
  sha256,
  text,
  webUrl,
} from "../../rules.ts";

/** What is wrong with one event, with Meta's subcode where one is known. */
export interface MetaProblem {
  readonly path: string;
  readonly message: string;
  readonly subcode?: number;
}

/** Meta's subcodes of error 100 that are known from public code. */
export const META_SUBCODES = { clickId: 2804001, tooOld: 2804003, noValue: 2804009, tooBroad: 2804050 } as const;

const DAY_MS = 86_400_000;
const MAX_AGE_DAYS = 7;
const MAX_AGE_DAYS_STORE = 62;
const MAX_AHEAD_MS = 60_000;

const ACTION_SOURCES = [
  "website",
  "app",
  "email",
  "phone_call",
  "chat",
  "physical_store",
  "system_generated",
  "business_messaging",
  "other",
];

const EVENT_FIELDS: Readonly<Record<string, Rule>> = {
  event_name: text,
  event_time: integer,
  event_id: text,
  action_source: oneOf(...ACTION_SOURCES),
  event_source_url: webUrl,
  referrer_url: webUrl,
  opt_out: boolean,
  user_data: object,
  custom_data: object,
  app_data: object,
  data_processing_options: listOf(oneOf("LDU")),
  data_processing_options_country: oneOf(0, 1),
  data_processing_options_state: integer,
  original_event_data: object,
  attribution_data: object,
  messaging_channel: text,
};

const FBC = matching(/^fb\.\d\.\d{10,13}\..+$/, "fb.<index>.<ms>.<fbclid>");
const HASHED = oneOrMany(sha256);

const USER_FIELDS: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(["em", "ph", "fn", "ln", "ge", "db", "ct", "st", "zp", "country"].map((key) => [key, HASHED])),
  external_id: oneOrMany(opaqueId),
  client_ip_address: publicIp,
  client_user_agent: text,
  fbc: FBC,
  fbp: matching(/^fb\.\d\.\d{10,13}\.\d+(\..+)?$/, "fb.<index>.<ms>.<random>"),
  subscription_id: text,
  lead_id: integer,
  fb_login_id: integer,
  anon_id: text,
  madid: text,
  ctwa_clid: text,
  page_id: text,
  partner_id: text,
  partner_name: text,
};

/** Sets of fields that say too little about a person: user data within one of them is refused since v13. */
const TOO_BROAD = [
  ["ct", "st", "zp", "country", "ge", "client_user_agent"],
  ["db", "client_user_agent"],
  ["fn", "ge"],
  ["ln", "ge"],
].map((names) => new Set(names));

const CONTENT_FIELDS: Readonly<Record<string, Rule>> = {
  id: text,
  quantity: count,
  item_price: number,
  title: text,
  description: text,
  brand: text,
  category: text,
  delivery_category: oneOf("in_store", "curbside", "home_delivery"),
};

const CUSTOM_FIELDS: Readonly<Record<string, Rule>> = {
  value: number,
  currency,
  content_ids: listOf(text),
  contents: listOf(object),
  content_type: oneOf("product", "product_group"),
  content_name: text,
  content_category: text,
  order_id: text,
  num_items: count,
  search_string: text,
  predicted_ltv: number,
  net_revenue: number,
  status: text,
};

/** Names under which people put personal data into free keys; Meta forbids it there. */
const PERSONAL_KEYS = /^(e_?mail|phone|(first|last|full)_?name|birth_?(day|date)|date_?of_?birth|address|street|ip)$/i;
const freeValue: Rule = (value) => (value === null ? "must not be null" : undefined);

const flag = oneOf(0, 1);
const extinfo: Rule = (value) => {
  if (!Array.isArray(value) || value.length !== 16 || value.some((slot) => typeof slot !== "string")) {
    return "must be 16 strings";
  }
  if (value[0] !== "i2" && value[0] !== "a2") return "[0] must be i2 or a2";
  return value[4] === "" ? "[4] (OS version) must not be empty" : undefined;
};

/** Every rule of one event of the Conversions API. `strict` refuses fields that Meta's documents do not name. */
export function metaEventProblems(event: unknown, now: number, strict: boolean): MetaProblem[] {
  if (!isObject(event)) return [{ path: "", message: "must be an object" }];
  return [
    ...missingFields(event, "", ["event_name", "event_time", "action_source", "user_data"]),
    ...checkFields(event, "", EVENT_FIELDS, strict ? undefined : anything),
    ...timeProblems(event, now),
    ...userProblems(event, strict),
    ...customProblems(event, strict),
    ...sourceProblems(event),
    ...processingProblems(event),
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) => ({
      path,
      message: "must not hold an e-mail address in clear",
    })),
  ];
}

/** The id, which must be the pixel's; and fields with rules of their own. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["event_id", "user_data"]);

function timeProblems(event: JsonObject, now: number): MetaProblem[] {
  const time = event.event_time;
  const path = "event_time";
  if (!Number.isSafeInteger(time)) return [];
  const seconds = Number(time);
  if (seconds > 100_000_000_000) return [{ path, message: "must be in seconds, not milliseconds" }];
  if (seconds * 1000 > now + MAX_AHEAD_MS) return [{ path, message: "is in the future" }];
  const days = event.action_source === "physical_store" ? MAX_AGE_DAYS_STORE : MAX_AGE_DAYS;
  return seconds * 1000 < now - days * DAY_MS
    ? [{ path, message: `is older than ${days} days`, subcode: META_SUBCODES.tooOld }]
    : [];
}

function userProblems(event: JsonObject, strict: boolean): MetaProblem[] {
  const user = event.user_data;
  if (!isObject(user)) return [];
  const problems: MetaProblem[] = checkFields(user, "user_data", USER_FIELDS, strict ? undefined : anything).map(
    (problem) => (problem.path === "user_data.fbc" ? { ...problem, subcode: META_SUBCODES.clickId } : problem),
  );
  const keys = Object.keys(user);
  if (TOO_BROAD.some((broad) => keys.every((key) => broad.has(key)))) {
    problems.push({
      path: "user_data",
      message: "holds too little to find a person by",
      subcode: META_SUBCODES.tooBroad,
    });
  }
  return problems;
}

function customProblems(event: JsonObject, strict: boolean): MetaProblem[] {
  const custom = event.custom_data;
  const problems: MetaProblem[] = [];
  if (event.event_name === "Purchase") problems.push(...purchaseProblems(isObject(custom) ? custom : {}));
  if (!isObject(custom)) return problems;
  problems.push(...checkFields(custom, "custom_data", CUSTOM_FIELDS, freeValue));
  for (const name of strict ? Object.keys(custom) : []) {
    if (PERSONAL_KEYS.test(name))
      problems.push({ path: `custom_data.${name}`, message: "must not hold personal data" });
  }
  const contents: readonly unknown[] = Array.isArray(custom.contents) ? custom.contents : [];
  for (const [index, content] of contents.entries()) {
    if (!isObject(content)) continue;
    const path = `custom_data.contents[${index}]`;
    problems.push(...missingFields(content, path, ["id"]));
    problems.push(...checkFields(content, path, CONTENT_FIELDS, strict ? undefined : anything));
  }
  return problems;
}

function purchaseProblems(custom: JsonObject): MetaProblem[] {
  const [missing] = missingFields(custom, "custom_data", ["value"]);
  if (missing !== undefined) return [{ ...missing, subcode: META_SUBCODES.noValue }];
  const wrong = amount(custom.value);
  return [
    ...(wrong === undefined || typeof custom.value !== "number" ? [] : [{ path: "custom_data.value", message: wrong }]),
    ...missingFields(custom, "custom_data", ["currency"]),
  ];
}

function sourceProblems(event: JsonObject): MetaProblem[] {
  if (event.action_source === "website") {
    return [
      ...missingFields(event, "", ["event_source_url"]),
      ...missingFields(isObject(event.user_data) ? event.user_data : {}, "user_data", ["client_user_agent"]),
    ];
  }
  if (event.action_source !== "app") return [];
  if (!isObject(event.app_data)) return missingFields(event, "", ["app_data"]);
  const rules = { advertiser_tracking_enabled: flag, application_tracking_enabled: flag, extinfo };
  return [
    ...missingFields(event.app_data, "app_data", Object.keys(rules)),
    ...checkFields(event.app_data, "app_data", rules, anything),
  ];
}

/** Limited data use: the flag says where the person is, or asks Meta to find out, which takes an address. */
function processingProblems(event: JsonObject): MetaProblem[] {
  const options = event.data_processing_options;
  const country = event.data_processing_options_country;
  const state = event.data_processing_options_state;
  const path = "data_processing_options";
  if (options === undefined) {
    return country === undefined && state === undefined
      ? []
      : [{ path, message: "is required with a country or state" }];
  }
  if (!Array.isArray(options) || options.length === 0) return [];
  if (country === undefined || state === undefined) return [{ path, message: "needs a country and a state" }];
  if (country === 0 && state !== 0) return [{ path, message: "with country 0 needs state 0" }];
  if (country === 1 && !(Number(state) >= 1000 && Number(state) <= 1099)) {
    return [{ path: `${path}_state`, message: "is not a state of country 1" }];
  }
  const hasAddress = isObject(event.user_data) && event.user_data.client_ip_address !== undefined;
  return country === 0 && !hasAddress ? [{ path, message: "with country 0 and state 0 needs client_ip_address" }] : [];
}
