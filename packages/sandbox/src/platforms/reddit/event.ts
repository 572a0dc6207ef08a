import {
  allOf,
  checkFields,
  count,
  currency,
  integer,
  isObject,
  type JsonObject,
  listOfUpTo,
  matching,
  missingFields,
  number,
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
import { epochMillis, withinDays } from "../../time-rules.ts";

const STANDARD = "PAGE_VISIT VIEW_CONTENT SEARCH ADD_TO_CART ADD_TO_WISHLIST PURCHASE LEAD SIGN_UP".split(" ");

const either =
  (...rules: readonly Rule[]): Rule =>
  (value) => {
    const problems = rules.map((rule) => rule(value));
    return problems.includes(undefined) ? undefined : problems[0];
  };

const ADDRESS = /^[a-z0-9]+@[^\s@]+\.[^\s@]+$/;
/** Reddit takes match keys hashed or not. In clear they are in its own spelling, or nobody is found by them. */
const email = either(sha256, matching(ADDRESS, "an e-mail address as Reddit spells it"));
const phone = either(sha256, matching(/^\+[1-9]\d{6,14}$/, "a phone number in E.164"));
const idfa = either(sha256, allOf(uuid, matching(/^[^a-z]*$/, "an IDFA in upper case")));
const aaid = either(sha256, allOf(uuid, matching(/^[^A-Z]*$/, "an AAID in lower case")));
const hashedId: Rule = (value) =>
  typeof value === "string" && value.includes("@") ? "must not be an e-mail address in clear" : idOrHash(value);
const idOrHash: Rule = (value) => (/^[0-9a-f]{64}$/i.test(String(value)) ? sha256(value) : text(value));
const noSpace = matching(/^[^\s@{}]+$/, "an id without white space");
const cookie: Rule = (value) => uuid(typeof value === "string" ? value.replace(/^\d{13}\./, "") : value);
const money: Rule = (value) => number(value) ?? (Number(value) < 0 ? "must not be negative" : undefined);

const TYPE_FIELDS: Readonly<Record<string, Rule>> = {
  tracking_type: oneOf(...STANDARD, "CUSTOM"),
  custom_event_name: textUpTo(64),
};
const USER_FIELDS: Readonly<Record<string, Rule>> = {
  email,
  phone_number: phone,
  external_id: hashedId,
  ip_address: either(publicIp, sha256),
  user_agent: text,
  uuid: cookie,
  idfa,
  aaid,
  screen_dimensions: object,
  data_processing_options: object,
};
const SCREEN_FIELDS: Readonly<Record<string, Rule>> = { width: integer, height: integer };
const PROCESSING_FIELDS: Readonly<Record<string, Rule>> = {
  modes: listOfUpTo(1, oneOf("LDU"), 1),
  country: matching(/^[A-Z]{2}$/, "an ISO 3166-1 code in upper case"),
  region: matching(/^([A-Z]{2}-)?[A-Z0-9]{1,3}$/, "an ISO 3166-2 code, with or without its country"),
};
const METADATA_FIELDS: Readonly<Record<string, Rule>> = {
  conversion_id: text,
  order_id: textUpTo(100),
  currency,
  value: money,
  item_count: count,
  products: listOfUpTo(Number.POSITIVE_INFINITY, object, 1),
};
const PRODUCT_FIELDS: Readonly<Record<string, Rule>> = {
  id: text,
  name: text,
  category: text,
  quantity: count,
  item_price: money,
};

/** Every rule of one event of the Conversions API v3. Reddit itself refuses unknown fields, `strict` or not. */
export function redditEventProblems(event: unknown, now: number): Problem[] {
  if (!isObject(event)) return [problem("", "must be an object")];
  const fields: Readonly<Record<string, Rule>> = {
    event_at: epochMillis(now, withinDays(7)),
    action_source: oneOf("WEBSITE", "APP", "PHYSICAL_STORE", "OTHER"),
    event_source_url: webUrl,
    referrer_url: webUrl,
    type: object,
    click_id: noSpace,
    user: object,
    metadata: object,
  };
  return [
    ...missingFields(event, "", ["event_at", "action_source", "type"]),
    ...checkFields(event, "", fields),
    ...typeProblems(event),
    ...userProblems(event),
    ...metadataProblems(event),
    ...sourceProblems(event),
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) =>
      problem(path, "must not hold an e-mail address in clear"),
    ),
  ];
}

/** The id, which must be the pixel's; and fields with rules of their own. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["metadata.conversion_id", "user"]);

function typeProblems({ type }: JsonObject): Problem[] {
  if (!isObject(type)) return [];
  const isCustom = type.tracking_type === "CUSTOM";
  return [
    ...missingFields(type, "type", isCustom ? ["tracking_type", "custom_event_name"] : ["tracking_type"]),
    ...checkFields(type, "type", TYPE_FIELDS),
    ...(!isCustom && type.custom_event_name !== undefined
      ? [problem("type", "with custom_event_name must be of type CUSTOM")]
      : []),
  ];
}

function userProblems(event: JsonObject): Problem[] {
  const user = isObject(event.user) ? event.user : {};
  const has = (name: string) => user[name] !== undefined;
  const screen = user.screen_dimensions;
  const suffices =
    event.click_id !== undefined ||
    ["uuid", "email", "phone_number", "external_id", "idfa", "aaid"].some(has) ||
    (has("ip_address") && has("user_agent") && has("screen_dimensions"));
  return [
    ...checkFields(user, "user", USER_FIELDS),
    ...(isObject(event.user) && Object.keys(user).length === 0 ? [problem("user", "must not be empty")] : []),
    ...(isObject(screen)
      ? [
          ...missingFields(screen, "user.screen_dimensions", Object.keys(SCREEN_FIELDS)),
          ...checkFields(screen, "user.screen_dimensions", SCREEN_FIELDS),
        ]
      : []),
    ...processingProblems(user.data_processing_options),
    ...(suffices ? [] : [problem("user", "holds no match key")]),
  ];
}

function processingProblems(options: unknown): Problem[] {
  if (!isObject(options)) return [];
  const path = "user.data_processing_options";
  return [...missingFields(options, path, ["modes"]), ...checkFields(options, path, PROCESSING_FIELDS)];
}

function metadataProblems({ metadata }: JsonObject): Problem[] {
  if (!isObject(metadata)) return [];
  const products: readonly unknown[] = Array.isArray(metadata.products) ? metadata.products : [];
  return [
    ...checkFields(metadata, "metadata", METADATA_FIELDS),
    ...(metadata.value !== undefined ? missingFields(metadata, "metadata", ["currency"]) : []),
    ...products
      .filter(isObject)
      .flatMap((product, index) => [
        ...checkFields(product, `metadata.products[${index}]`, PRODUCT_FIELDS),
        ...(product.id === undefined && product.name === undefined
          ? [problem(`metadata.products[${index}]`, "names no product")]
          : []),
      ]),
  ];
}

/** Pages belong to websites; stores know people by what they say of themselves. */
function sourceProblems(event: JsonObject): Problem[] {
  const { action_source: source, event_source_url: url } = event;
  const problems =
    source !== "WEBSITE" && url !== undefined ? [problem("event_source_url", "is for WEBSITE only")] : [];
  if (source !== "PHYSICAL_STORE") return problems;
  const user = isObject(event.user) ? event.user : {};
  const forbidden = ["uuid", "idfa", "aaid", "screen_dimensions"].filter((name) => user[name] !== undefined);
  const paths = [...forbidden.map((name) => `user.${name}`), ...(event.click_id === undefined ? [] : ["click_id"])];
  return [...problems, ...paths.map((path) => problem(path, "is not for PHYSICAL_STORE"))];
}

function problem(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
