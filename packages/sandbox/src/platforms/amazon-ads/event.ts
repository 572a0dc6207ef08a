import {
  allOf,
  anything,
  checkFields,
  country,
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
  textUpTo,
  uuid,
} from "../../rules.ts";
import { isoTime, withinDays } from "../../time-rules.ts";

const TYPES = `ADD_TO_SHOPPING_CART APPLICATION CHECKOUT CONTACT LEAD MOBILE_APP_FIRST_START OFF_AMAZON_PURCHASES OTHER
  PAGE_VIEW SEARCH SIGN_UP SUBSCRIBE`.split(/\s+/);
const SOURCES = "WEBSITE ANDROID IOS FIRE_TV OFFLINE MEASUREMENT_ATTRIBUTION_PARTNER".split(" ");
const HASHED = new Set("EMAIL PHONE FIRST_NAME LAST_NAME ADDRESS CITY STATE POSTAL".split(" "));
const CLEAR = new Set("MAID RAMP_ID MATCH_ID REAL_ID MERKLE_ID KANTAR_ID FIP".split(" "));
const CURRENCIES = `
  AED ARS AUD AZN BBD BGN BHD BMD BND BOB BRL BSD CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP
  EUR GBP GHS GTQ HKD HNL HRK HUF IDR ILS INR JMD JOD JPY KES KRW KWD KYD KZT LBP LKR MAD MUR MXN MXP MYR NAD NGN
  NOK NZD PAB PEN PHP PKR PLN PYG QAR RON RSD RUB SAR SEK SGD THB TND TRY TTD TWD TZS UAH USD UYU VND XAF XCD XOF
  XPF ZAR
`
  .trim()
  .split(/\s+/);
/** Without a signal Amazon processes nothing from there. */
const NEED_CONSENT = new Set(
  "AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(" "),
);

const PURCHASE = "OFF_AMAZON_PURCHASES";
const MOST_KEYS = 15;
const MOST_ATTRIBUTES = 13;
const answer = oneOf("GRANTED", "DENIED");
const word = matching(/^[A-Za-z0-9_]+$/, "letters, digits and underscores");

const twoDecimals: Rule = (value) =>
  typeof value === "number" && /^-?\d+(?:\.\d{1,2})?$/.test(String(value))
    ? undefined
    : "must be a number with at most 2 decimal places";
const pieces: Rule = (value) =>
  Number.isSafeInteger(value) && Number(value) > 0 ? undefined : "must be an integer above 0";

function eventFields(now: number): Readonly<Record<string, Rule>> {
  return {
    amazonAdEventKey: text,
    arefMeasurementTokens: matching(/^[^.|\s]+\.\d{13}(?:\|[^.|\s]+\.\d{13})*$/, "token.milliseconds, | between"),
    consent: object,
    countryCode: country,
    currencyCode: oneOf(...CURRENCIES),
    customData: listOfUpTo(MOST_ATTRIBUTES, object),
    dataProcessingOptions: object,
    deviceInfo: object,
    eventDescription: object,
    eventId: text,
    eventTime: isoTime(now, withinDays(7)),
    matchKeys: listOfUpTo(MOST_KEYS, object, 1),
    partner: text,
    unitsSold: pieces,
    value: twoDecimals,
  };
}

const DESCRIPTION_FIELDS: Readonly<Record<string, Rule>> = {
  name: textUpTo(256),
  conversionType: oneOf(...TYPES),
  eventSource: oneOf(...SOURCES),
  eventIngestionMethod: oneOf("SERVER_TO_SERVER"),
  dataSetName: matching(/^[A-Za-z][A-Za-z0-9_-]{4,99}$/, "a data set name"),
};

/** The id is the tag's, and crawlers name their owner in a user agent. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["eventId", "deviceInfo.userAgent"]);

/** Every rule of one event. `isEurope` is for advertisers there, who must send a consent signal with all of them. */
export function amazonEventProblems(event: unknown, now: number, strict: boolean, isEurope: boolean): Problem[] {
  if (!isObject(event)) return [problem("", "must be an object")];
  const unknown = strict ? undefined : anything;
  return [
    ...missingFields(event, "", ["eventDescription", "countryCode", "eventTime", "matchKeys"]),
    ...checkFields(event, "", eventFields(now), unknown),
    ...descriptionProblems(event.eventDescription, unknown),
    ...matchKeyProblems(event.matchKeys, unknown),
    ...moneyProblems(event),
    ...consentProblems(event, isEurope, unknown),
    ...customDataProblems(event.customData, unknown),
    ...inner(event, "deviceInfo", { userAgent: textUpTo(512) }, unknown),
    ...inner(event, "dataProcessingOptions", { options: oneOf("LIMITED_DATA_USE") }, unknown),
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) =>
      problem(path, "must not hold an e-mail address in clear"),
    ),
  ];
}

function descriptionProblems(description: unknown, unknown: Rule | undefined): Problem[] {
  if (!isObject(description)) return [];
  const required = ["name", "conversionType", "eventSource", "eventIngestionMethod"];
  return [
    ...missingFields(description, "eventDescription", required),
    ...checkFields(description, "eventDescription", DESCRIPTION_FIELDS, unknown),
  ];
}

function matchKeyProblems(keys: unknown, unknown: Rule | undefined): Problem[] {
  if (!Array.isArray(keys)) return [];
  return keys.filter(isObject).flatMap((key, index) => {
    const path = `matchKeys[${index}]`;
    return [
      ...missingFields(key, path, ["type", "values"]),
      ...checkFields(key, path, { type: oneOf(...HASHED, ...CLEAR), values: valueRule(key.type) }, unknown),
    ];
  });
}

function valueRule(type: unknown): Rule {
  if (HASHED.has(String(type))) return listOfUpTo(1, sha256, 1);
  return listOfUpTo(1, type === "MAID" ? allOf(uuid, opaqueId) : opaqueId, 1);
}

function moneyProblems(event: JsonObject): Problem[] {
  const { value, currencyCode, unitsSold, eventDescription } = event;
  const type = isObject(eventDescription) ? eventDescription.conversionType : undefined;
  if (type !== PURCHASE) {
    return [
      ...(currencyCode === undefined ? [] : [problem("currencyCode", `is for ${PURCHASE} only`)]),
      ...(unitsSold === undefined ? [] : [problem("unitsSold", `is for ${PURCHASE} only`)]),
    ];
  }
  return [
    ...(typeof value === "number" && value < 0 ? [problem("value", "must not be negative")] : []),
    ...(value !== undefined && currencyCode === undefined ? [problem("currencyCode", "is required with a value")] : []),
  ];
}

function consentProblems(event: JsonObject, isEurope: boolean, unknown: Rule | undefined): Problem[] {
  const { consent, countryCode } = event;
  if (!isObject(consent)) {
    const isNeeded = isEurope || NEED_CONSENT.has(String(countryCode));
    return consent === undefined && isNeeded ? missingFields(event, "", ["consent"]) : [];
  }
  const { amazonConsent } = consent;
  const fields = { geo: object, amazonConsent: object, tcf: text, gpp: text };
  return [
    ...checkFields(consent, "consent", fields, unknown),
    ...(Object.keys(consent).length === 1 ? [] : [problem("consent", "must hold exactly one signal")]),
    ...(isObject(amazonConsent) ? missingFields(amazonConsent, "consent.amazonConsent", ["amznUserData"]) : []),
    ...inner(consent, "amazonConsent", { amznAdStorage: answer, amznUserData: answer }, unknown, "consent."),
    ...inner(consent, "geo", { ipAddress: publicIp }, unknown, "consent."),
  ];
}

function customDataProblems(list: unknown, unknown: Rule | undefined): Problem[] {
  if (!Array.isArray(list)) return [];
  const names = list.filter(isObject).map(({ name }) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  const problems = list.filter(isObject).flatMap((entry, index) => {
    const path = `customData[${index}]`;
    const value = entry.dataType === "INTEGER" ? matching(/^\d+$/, "a whole number as text") : word;
    const fields = { name: word, dataType: oneOf("STRING", "INTEGER", "TIMESTAMP"), value };
    return [...missingFields(entry, path, ["name", "value"]), ...checkFields(entry, path, fields, unknown)];
  });
  return [...problems, ...repeated.map((name) => problem("customData", `names ${String(name)} twice`))];
}

function inner(
  outer: JsonObject,
  name: string,
  fields: Readonly<Record<string, Rule>>,
  unknown: Rule | undefined,
  path = "",
): Problem[] {
  const value = outer[name];
  if (!isObject(value)) return [];
  return Object.keys(value).length === 0
    ? [problem(`${path}${name}`, "must not be empty")]
    : checkFields(value, `${path}${name}`, fields, unknown);
}

function problem(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
