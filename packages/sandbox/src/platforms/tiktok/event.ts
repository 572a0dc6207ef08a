import {
  allOf,
  amount,
  anything,
  boolean,
  checkFields,
  count,
  currency,
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
  type Problem,
  pathsOfEmails,
  publicIp,
  type Rule,
  sha256,
  text,
  textUpTo,
  webUrl,
} from "../../rules.ts";
import { epochSeconds, withinDays } from "../../time-rules.ts";

/** The four kinds of data, with the days for which each takes events. */
export const EVENT_SOURCES: Readonly<Record<string, number>> = { web: 7, app: 7, offline: 28, crm: 28 };

const HASHED_LIST = oneOrMany(sha256);
/** City, state and country travel in clear: a digest there matches nothing. */
const PLAIN_PLACE: Rule = (value) => {
  if (typeof value !== "string" || !/^[a-z0-9]+$/.test(value)) return "must be lower-case letters and digits, in clear";
  return /^[0-9a-f]{64}$/.test(value) ? "must not be hashed" : undefined;
};
const PLAIN_COUNTRY = matching(/^[a-z]{2}$/, "de: ISO 3166-1 alpha-2 in lower case, in clear");
const OPAQUE = allOf(opaqueId, matching(/^\S+$/, "one word"));

const USER_FIELDS: Readonly<Record<string, Rule>> = {
  email: HASHED_LIST,
  phone: HASHED_LIST,
  external_id: HASHED_LIST,
  first_name: sha256,
  last_name: sha256,
  zip_code: sha256,
  city: PLAIN_PLACE,
  state: PLAIN_PLACE,
  country: PLAIN_COUNTRY,
  ttclid: OPAQUE,
  ttp: OPAQUE,
  ip: publicIp,
  user_agent: text,
  locale: text,
  idfa: sha256,
  gaid: sha256,
  idfv: OPAQUE,
  att_status: oneOf("AUTHORIZED", "DENIED", "NOT_DETERMINED", "RESTRICTED", "NOT_APPLICABLE"),
  lead_id: opaqueId,
};

const CONTENT_FIELDS: Readonly<Record<string, Rule>> = {
  content_id: text,
  content_name: text,
  content_category: text,
  brand: text,
  price: amount,
  quantity: count,
};

const PROPERTY_FIELDS: Readonly<Record<string, Rule>> = {
  contents: listOf(object),
  content_type: oneOf("product", "product_group"),
  content_ids: listOf(text),
  currency,
  value: number,
  order_id: text,
  shop_id: text,
  query: text,
  search_string: text,
  description: text,
  num_items: count,
  predicted_ltv: number,
  delivery_category: oneOf("in_store", "curbside", "home_delivery"),
  status: text,
};

const PAGE_FIELDS: Readonly<Record<string, Rule>> = { url: webUrl, referrer: webUrl };
const APP_FIELDS: Readonly<Record<string, Rule>> = { app_id: text, app_name: text, app_version: text };
const LEAD_FIELDS: Readonly<Record<string, Rule>> = { lead_id: opaqueId, lead_event_source: text };

/** Objects that only one kind of event has. */
const OWN_OBJECTS: Readonly<Record<string, string>> = { app: "app", ad: "app", lead: "crm" };

const PURCHASES = ["Purchase", "CompletePayment", "PlaceAnOrder"];

/** Every rule of one event of this source. `strict` refuses fields that TikTok's documents do not name. */
export function tikTokEventProblems(event: unknown, source: string, now: number, strict: boolean): Problem[] {
  if (!isObject(event)) return [{ path: "", message: "must be an object", kind: "value" }];
  const unknown = strict ? undefined : anything;
  const inside = (name: string, fields: Readonly<Record<string, Rule>>) => {
    const value = event[name];
    return isObject(value) ? checkFields(value, name, fields, unknown) : [];
  };
  return [
    ...missingFields(event, "", ["event", "event_time", "event_id", "user"]),
    ...checkFields(event, "", eventFields(source, now), unknown),
    ...inside("user", USER_FIELDS),
    ...inside("properties", PROPERTY_FIELDS),
    ...inside("page", PAGE_FIELDS),
    ...inside("app", APP_FIELDS),
    ...inside("lead", LEAD_FIELDS),
    ...propertyProblems(event, unknown),
    ...sourceProblems(event, source),
    ...identityProblems(event, source),
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) =>
      problem(path, "must not hold an e-mail address in clear"),
    ),
  ];
}

/** The pixel's id, and what browsers say of themselves. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["event_id", "user.user_agent"]);

function eventFields(source: string, now: number): Readonly<Record<string, Rule>> {
  return {
    // Custom names keep to this form; the stages of a CRM are free text.
    event: source === "crm" ? textUpTo(50) : matching(/^[A-Za-z][\w-]{0,49}$/, "EventName: letter first, up to 50"),
    event_time: epochSeconds(now, withinDays(EVENT_SOURCES[source] ?? 7, 60_000)),
    event_id: text,
    user: object,
    properties: object,
    page: object,
    app: object,
    ad: object,
    lead: object,
    limited_data_use: boolean,
  };
}

function propertyProblems({ event: name, properties }: JsonObject, unknown: Rule | undefined): Problem[] {
  if (!isObject(properties)) return [];
  const contents = Array.isArray(properties.contents) ? (properties.contents as readonly unknown[]) : [];
  const found = contents
    .filter(isObject)
    .flatMap((content, index) => [
      ...missingFields(content, `properties.contents.${index}`, ["content_id"]),
      ...checkFields(content, `properties.contents.${index}`, CONTENT_FIELDS, unknown),
    ]);
  if (Object.keys(properties).length === 0) found.push(problem("properties", "must not be empty"));
  if (properties.contents !== undefined && properties.content_ids !== undefined) {
    found.push(problem("properties.content_ids", "must not stand beside contents"));
  }
  if (properties.contents !== undefined && contents.length === 0) {
    found.push(problem("properties.contents", "must not be empty"));
  }
  if ((properties.value === undefined) !== (properties.currency === undefined)) {
    found.push(problem("properties.value", "and currency only mean something together"));
  }
  if (PURCHASES.includes(String(name)) && Number(properties.value) < 0) {
    found.push(problem("properties.value", "of a purchase must not be negative"));
  }
  return found;
}

function sourceProblems(event: JsonObject, source: string): Problem[] {
  const foreign = Object.entries(OWN_OBJECTS)
    .filter(([name, owner]) => event[name] !== undefined && owner !== source)
    .map(([name, owner]) => problem(name, `belongs to ${owner} events only`));
  if (source === "app") {
    return [...foreign, ...missingFields(isObject(event.app) ? event.app : {}, "app", ["app_id"])];
  }
  if (isObject(event.lead)) return [...foreign, ...missingFields(event.lead, "lead", ["lead_id"])];
  return foreign;
}

/** What each kind of event is matched by: one of these groups must be there whole. */
const IDENTITIES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  web: [["ttclid"], ["email"], ["phone"], ["external_id"], ["ttp"], ["ip", "user_agent"]],
  app: [["idfa"], ["gaid"], ["idfv"], ["ip", "user_agent"]],
  offline: [["email"], ["phone"], ["external_id"]],
  crm: [["email"], ["phone"]],
};

function identityProblems(event: JsonObject, source: string): Problem[] {
  const user = isObject(event.user) ? event.user : {};
  const isKnown = (IDENTITIES[source] ?? []).some((group) => group.every((name) => user[name] !== undefined));
  const hasLead = source === "crm" && isObject(event.lead) && event.lead.lead_id !== undefined;
  return isKnown || hasLead ? [] : [problem("user", `holds nothing that ${source} events are matched by`)];
}

function problem(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
