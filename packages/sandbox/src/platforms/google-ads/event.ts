import {
  amount,
  checkFields,
  currency,
  isObject,
  type JsonObject,
  listOf,
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
} from "../../rules.ts";
import { isoTime, withinDays } from "../../time-rules.ts";
import { cartProblems } from "./cart.ts";
import { filled, type GoogleProblem, withReason } from "./problem.ts";

/** What the rest of the request says about its events. */
export interface RequestFacts {
  readonly encoding: unknown;
  readonly references: readonly unknown[];
  readonly now: number;
}

/** A conversion action's click-through window ends after 90 days at the latest. */
const MAX_AGE_DAYS = 90;
const MAX_IDENTIFIERS = 10;

const CONSENT = oneOf("CONSENT_GRANTED", "CONSENT_DENIED", "CONSENT_STATUS_UNSPECIFIED");

/** Fields that only Google Analytics destinations have. */
function forAnalytics(...names: readonly string[]): Record<string, Rule> {
  return Object.fromEntries(names.map((name) => [name, () => "is a field of Google Analytics destinations"]));
}

function eventFields({ now, references }: RequestFacts): Readonly<Record<string, Rule>> {
  const reference: Rule = (value) => (references.includes(value) ? undefined : "is no reference of a destination");
  return {
    destinationReferences: filled(listOf(reference)),
    transactionId: text,
    eventTimestamp: isoTime(now, withinDays(MAX_AGE_DAYS)),
    lastUpdatedTimestamp: isoTime(now, withinDays(MAX_AGE_DAYS)),
    eventSource: oneOf("WEB", "APP", "IN_STORE", "PHONE", "MESSAGE", "OTHER"),
    currency,
    conversionValue: amount,
    userData: object,
    adIdentifiers: object,
    eventDeviceInfo: object,
    consent: object,
    cartData: object,
    customVariables: filled(listOf(object)),
    userProperties: object,
    experimentalFields: filled(listOf(object)),
    ...forAnalytics("eventName", "clientId", "appInstanceId", "userId", "additionalEventParameters", "eventLocation"),
    thirdPartyUserData: () => "is for data partners",
  };
}

const CLICK_ID = matching(/^[\w.~-]+$/, "of a click id: letters, digits, - . _ ~");
const DEVICE_FIELDS: Readonly<Record<string, Rule>> = {
  userAgent: text,
  ipAddress: publicIp,
  ...forAnalytics(
    "category",
    "languageCode",
    "screenHeight",
    "screenWidth",
    "operatingSystem",
    "operatingSystemVersion",
    "model",
    "brand",
    "browser",
    "browserVersion",
  ),
};
const AD_FIELDS: Readonly<Record<string, Rule>> = {
  gclid: CLICK_ID,
  gbraid: CLICK_ID,
  wbraid: CLICK_ID,
  sessionAttributes: matching(/^[A-Za-z0-9+/_=-]{1,4000}$/, "base64, at most 4,000 characters"),
  landingPageDeviceInfo: object,
  mobileDeviceId: text,
};

/** Every rule of one event for a Google Ads destination. */
export function googleEventProblems(event: unknown, facts: RequestFacts): GoogleProblem[] {
  if (!isObject(event)) return [{ path: "", message: "must be an object", reason: "INVALID_ARGUMENT" }];
  const plain = [
    ...missingFields(event, "", ["transactionId", "eventTimestamp", "eventSource"]),
    ...checkFields(event, "", eventFields(facts)),
    ...checkedObject(event, "adIdentifiers", AD_FIELDS),
    ...checkedObject(event, "eventDeviceInfo", DEVICE_FIELDS),
    ...checkedObject(event, "consent", { adUserData: CONSENT, adPersonalization: CONSENT }),
  ].map(withReason);
  return [
    ...plain,
    ...moneyProblems(event),
    ...clickProblems(event),
    ...userDataProblems(event, facts),
    ...placeProblems(event),
    ...cartProblems(event),
    ...pathsOfEmails(event, "", MAY_HOLD_EMAILS).map((path) => ({
      path,
      message: "must not hold an e-mail address in clear",
      reason: "INVALID_FORMAT",
    })),
  ];
}

const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["userData", "eventDeviceInfo.userAgent"]);

/** The fields of an inner object, which must not be empty when it is there. */
function checkedObject(event: JsonObject, name: string, rules: Readonly<Record<string, Rule>>): Problem[] {
  const inner = event[name];
  if (!isObject(inner)) return [];
  return Object.keys(inner).length === 0
    ? [{ path: name, message: "is empty", kind: "value" }]
    : checkFields(inner, name, rules);
}

function moneyProblems(event: JsonObject): GoogleProblem[] {
  return event.conversionValue !== undefined && event.currency === undefined
    ? [{ path: "currency", message: "is required with a value", reason: "REQUIRED_FIELD_MISSING" }]
    : [];
}

function clickProblems(event: JsonObject): GoogleProblem[] {
  const ids: JsonObject = isObject(event.adIdentifiers) ? event.adIdentifiers : {};
  const hasBraid = ids.gbraid !== undefined || ids.wbraid !== undefined;
  const problems: GoogleProblem[] = [];
  const refuse = (path: string, message: string, reason = "INVALID_EVENT") => problems.push({ path, message, reason });
  if (ids.gbraid !== undefined && ids.wbraid !== undefined) refuse("adIdentifiers", "holds gbraid and wbraid");
  if (ids.gclid !== undefined && hasBraid) refuse("adIdentifiers", "holds a gclid and a braid");
  if (hasBraid && event.userData !== undefined) refuse("userData", "is not taken with a braid");
  const isClick = ids.gclid !== undefined || hasBraid || ids.sessionAttributes !== undefined;
  if (!isClick && event.userData === undefined) {
    refuse("", "holds no user or ad identifiers", "NO_IDENTIFIERS_PROVIDED");
  }
  return problems;
}

function userDataProblems(event: JsonObject, { encoding }: RequestFacts): GoogleProblem[] {
  const { userData } = event;
  if (!isObject(userData)) return [];
  const problems = checkFields(userData, "userData", { userIdentifiers: filled(listOf(object)) }).map(withReason);
  const identifiers: readonly unknown[] = Array.isArray(userData.userIdentifiers) ? userData.userIdentifiers : [];
  const at = "userData.userIdentifiers";
  if (identifiers.length === 0) {
    problems.push({ path: at, message: "is required", reason: "REQUIRED_FIELD_MISSING" });
  }
  if (identifiers.length > MAX_IDENTIFIERS) {
    problems.push({ path: at, message: `holds more than ${MAX_IDENTIFIERS}`, reason: "TOO_MANY_USER_IDENTIFIERS" });
  }
  const digest = encoding === "BASE64" ? matching(/^[A-Za-z0-9+/]{43}=$/, "of a SHA-256 digest in base64") : sha256;
  return [
    ...problems,
    ...identifiers.flatMap((identifier, index) => identifierProblems(identifier, `${at}[${index}]`, digest)),
  ];
}

function identifierProblems(identifier: unknown, path: string, digest: Rule): GoogleProblem[] {
  if (!isObject(identifier)) return [];
  const problems = checkFields(identifier, path, { emailAddress: digest, phoneNumber: digest, address: object }).map(
    withReason,
  );
  if (Object.keys(identifier).length !== 1) {
    problems.push({ path, message: "must hold exactly one of them", reason: "INVALID_ARGUMENT" });
  }
  const { address } = identifier;
  if (!isObject(address)) return problems;
  const at = `${path}.address`;
  const rules = { givenName: digest, familyName: digest, regionCode: REGION, postalCode: postalCode(address) };
  return [
    ...problems,
    ...[...missingFields(address, at, Object.keys(rules)), ...checkFields(address, at, rules)].map(withReason),
  ];
}

const REGION = matching(/^[A-Z]{2}$/, "of ISO 3166-1 alpha-2");

function postalCode({ regionCode }: JsonObject): Rule {
  return regionCode === "US"
    ? matching(/^\d{5}(-\d{4})?$/, "12345 or 12345-6789")
    : matching(/^[A-Z0-9][A-Z0-9 -]{0,9}[A-Z0-9]$/i, "of a postal code");
}

/** Where Google must not be told people's IP addresses. */
const NO_IP = new Set(
  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO GB CH".split(" "),
);

function placeProblems(event: JsonObject): GoogleProblem[] {
  const hasIp = isObject(event.eventDeviceInfo) && event.eventDeviceInfo.ipAddress !== undefined;
  const identifiers = isObject(event.userData) ? event.userData.userIdentifiers : undefined;
  const regions = (Array.isArray(identifiers) ? identifiers : []).map((identifier) =>
    isObject(identifier) && isObject(identifier.address) ? identifier.address.regionCode : undefined,
  );
  return hasIp && regions.some((region) => typeof region === "string" && NO_IP.has(region))
    ? [{ path: "eventDeviceInfo.ipAddress", message: "must not be sent for this country", reason: "INVALID_ARGUMENT" }]
    : [];
}
