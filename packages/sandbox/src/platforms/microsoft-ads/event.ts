import {
  amount,
  anything,
  checkFields,
  currency,
  isObject,
  type JsonObject,
  listOfUpTo,
  matching,
  missingFields,
  object,
  oneOf,
  opaqueId,
  type Problem,
  pathsOfEmails,
  publicIp,
  type Rule,
  sha256,
  text,
  uuid,
  webUrl,
} from "../../rules.ts";
import { epochSeconds, withinDays } from "../../time-rules.ts";

const USER_FIELDS: Readonly<Record<string, Rule>> = {
  em: sha256,
  ph: sha256,
  externalId: opaqueId,
  anonymousId: matching(/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i, "of a _uetvid"),
  msclkid: matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "of a GUID in small letters with dashes"),
  clientIpAddress: publicIp,
  clientUserAgent: text,
  idfa: uuid,
  gaid: uuid,
};

/** Of these at least one; a device's address and browser point at nobody. */
const IDENTIFIERS = ["em", "ph", "externalId", "anonymousId", "msclkid", "idfa", "gaid"];

/** What says who somebody is, or was stored to find them again. */
const NEEDS_CONSENT = IDENTIFIERS.filter((name) => name !== "msclkid").concat("clientIpAddress");

const PAGE_TYPES = ["home", "product", "category", "searchresults", "cart", "purchase", "other"];

const CUSTOM_FIELDS: Readonly<Record<string, Rule>> = {
  value: amount,
  currency,
  transactionId: opaqueId,
  eventCategory: text,
  eventLabel: text,
  eventValue: amount,
  searchTerm: text,
  items: anything,
  itemIds: listOfUpTo(10_000, opaqueId, 1),
  pageType: oneOf(...PAGE_TYPES),
  ecommTotalValue: amount,
  ecommCategory: text,
  hotelData: object,
};

const ITEM_FIELDS: Readonly<Record<string, Rule>> = {
  id: opaqueId,
  name: text,
  price: amount,
  quantity: (value) => (Number.isSafeInteger(value) && Number(value) > 0 ? undefined : "must be a positive integer"),
};

/** The digest rules look after these; a user agent may hold its maker's address. */
const EXEMPT = new Set(["eventId", "userData.clientUserAgent"]);

/** Everything that is wrong with one event, paths from its own root. */
export function microsoftEventProblems(event: unknown, now: number, strict: boolean): Problem[] {
  if (!isObject(event)) return [{ path: "", message: "is not an object", kind: "value" }];
  const unknown = strict ? undefined : anything;
  const fields: Readonly<Record<string, Rule>> = {
    eventType: oneOf("pageLoad", "custom"),
    eventName: text,
    eventTime: epochSeconds(now, withinDays(7)),
    eventId: text,
    eventSourceUrl: webUrl,
    pageLoadId: uuid,
    referrerUrl: webUrl,
    pageTitle: text,
    keywords: text,
    adStorageConsent: oneOf("G", "D"),
    userData: object,
    customData: object,
  };
  return [
    ...missingFields(event, "", ["eventType", "eventTime", "userData"]),
    ...checkFields(event, "", fields, unknown),
    ...typeProblems(event),
    ...userProblems(event, unknown),
    ...customProblems(event.customData, unknown),
    ...pathsOfEmails(event, "", EXEMPT).map((path) => wrong(path, "must not hold an e-mail address")),
  ];
}

function typeProblems(event: JsonObject): Problem[] {
  if (event.eventType !== "pageLoad") return missingFields(event, "", ["eventName"]);
  const named = event.eventName === undefined ? [] : [wrong("eventName", "is not a field of a page load")];
  return [...missingFields(event, "", ["eventSourceUrl"]), ...named];
}

function userProblems({ userData, adStorageConsent }: JsonObject, unknown: Rule | undefined): Problem[] {
  if (!isObject(userData)) return [];
  const isSomebody = IDENTIFIERS.some((name) => userData[name] !== undefined);
  const unallowed = adStorageConsent === "D" ? NEEDS_CONSENT.filter((name) => userData[name] !== undefined) : [];
  return [
    ...checkFields(userData, "userData", USER_FIELDS, unknown),
    ...(isSomebody ? [] : [wrong("userData", "needs at least one identifier")]),
    ...unallowed.map((name) => wrong(`userData.${name}`, "must not be sent where consent is denied")),
  ];
}

function customProblems(custom: unknown, unknown: Rule | undefined): Problem[] {
  if (!isObject(custom)) return [];
  const { items } = custom;
  const own = checkFields(custom, "customData", CUSTOM_FIELDS, unknown);
  const paired = custom.value === undefined ? [] : missingFields(custom, "customData", ["currency"]);
  if (items === undefined) return [...own, ...paired];
  if (!Array.isArray(items) || items.length === 0)
    return [...own, ...paired, wrong("customData.items", "must hold items")];
  const inItems = items.flatMap((item, index) => {
    const path = `customData.items[${index}]`;
    return isObject(item) ? checkFields(item, path, ITEM_FIELDS, unknown) : [wrong(path, "must be an object")];
  });
  return [...own, ...paired, ...inItems];
}

function wrong(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
