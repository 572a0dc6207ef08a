import {
  allOf,
  anything,
  checkFields,
  country,
  currency,
  decimalText,
  isObject,
  type JsonObject,
  listOf,
  listOfUpTo,
  matching,
  missingFields,
  object,
  opaqueId,
  type Problem,
  publicIp,
  type Rule,
  sha256,
  text,
} from "../../rules.ts";
import { epochMillis, withinDays } from "../../time-rules.ts";

/** Decimals of the finest currencies are three; unit prices have some more. */
const MOST_DECIMALS = 6;

/** A name in clear: a digest or an address is none. */
const clearText: Rule = allOf(opaqueId, (value) =>
  /^[0-9a-f]{64}$/i.test(String(value)) ? "must be in clear, not a digest" : undefined,
);

const ID_TYPES: Readonly<Record<string, Rule>> = {
  SHA256_EMAIL: sha256,
  LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID: matching(/^[\w.~-]+$/, "of a li_fat_id"),
  ACXIOM_ID: text,
  ORACLE_MOAT_ID: text,
  GOOGLE_AID: (value) =>
    typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) && /[1-9a-f]/i.test(value)
      ? undefined
      : "must be an advertising id that is not all zeros",
  PLAINTEXT_IP_ADDRESS: allOf(publicIp, matching(/^[\d.]+$/, "of an IPv4 address")),
};

/** Types that came with a version; the others have always been there. */
const SINCE: Readonly<Record<string, string>> = { GOOGLE_AID: "202605" };

const userId =
  (version: string): Rule =>
  (value) => {
    if (!isObject(value)) return "must be an object";
    const { idType, idValue, ...rest } = value;
    const rule = typeof idType === "string" && Object.hasOwn(ID_TYPES, idType) ? ID_TYPES[idType] : undefined;
    if (rule === undefined || version < (SINCE[String(idType)] ?? "")) return `${String(idType)} is not an enum symbol`;
    const problem = rule(idValue);
    if (problem !== undefined) return `${String(idType)} ${problem}`;
    return Object.keys(rest).length === 0 ? undefined : `has unknown fields ${Object.keys(rest).join(", ")}`;
  };

const userIds =
  (version: string): Rule =>
  (value) => {
    const problem = listOf(userId(version))(value);
    if (problem !== undefined || !Array.isArray(value)) return problem;
    const types = value.map((id) => (isObject(id) ? id.idType : undefined));
    return new Set(types).size < types.length ? "has two ids of one type" : undefined;
  };

const INFO_FIELDS: Readonly<Record<string, Rule>> = {
  firstName: clearText,
  lastName: clearText,
  title: clearText,
  companyName: clearText,
  countryCode: country,
};

const USER_FIELDS: Readonly<Record<string, Rule>> = {
  userInfo: object,
  externalIds: listOfUpTo(1, opaqueId, 1),
  lead: matching(/^urn:li:leadGenFormResponse:[\w-]+$/, "urn:li:leadGenFormResponse:…"),
};

/** What an event is judged by besides itself. */
interface Circumstances {
  readonly now: number;
  readonly strict: boolean;
  /** Of the API, `YYYYMM`. */
  readonly version: string;
}

/** Everything that is wrong with one conversion event, paths from its own root. */
export function linkedinEventProblems(event: unknown, { now, strict, version }: Circumstances): Problem[] {
  if (!isObject(event)) return [{ path: "", message: "is not an object", kind: "value" }];
  const unknown = strict ? undefined : anything;
  const fields: Readonly<Record<string, Rule>> = {
    conversion: matching(/^urn:lla:llaPartnerConversion:\d+$/, "urn:lla:llaPartnerConversion:<rule id>"),
    conversionHappenedAt: epochMillis(now, withinDays(90)),
    conversionValue: object,
    eventId: text,
    user: object,
  };
  return [
    ...missingFields(event, "", ["conversion", "conversionHappenedAt", "user"]),
    ...checkFields(event, "", fields, unknown),
    ...valueProblems(event.conversionValue, unknown),
    ...userProblems(event.user, version, unknown),
  ];
}

function valueProblems(value: unknown, unknown: Rule | undefined): Problem[] {
  if (!isObject(value)) return [];
  return [
    ...missingFields(value, "conversionValue", ["currencyCode", "amount"]),
    ...checkFields(value, "conversionValue", { currencyCode: currency, amount: decimalText(MOST_DECIMALS) }, unknown),
  ];
}

function userProblems(user: unknown, version: string, unknown: Rule | undefined): Problem[] {
  if (!isObject(user)) return [];
  const info = isObject(user.userInfo) ? infoProblems(user.userInfo, unknown) : [];
  return [
    ...missingFields(user, "user", ["userIds"]),
    ...checkFields(user, "user", { ...USER_FIELDS, userIds: userIds(version) }, unknown),
    ...info,
    ...(pointsAtSomebody(user)
      ? []
      : [{ path: "user", message: "needs an id, a name, an external id or a lead", kind: "missing" as const }]),
  ];
}

function infoProblems(info: JsonObject, unknown: Rule | undefined): Problem[] {
  return [
    ...missingFields(info, "user.userInfo", ["firstName", "lastName"]),
    ...checkFields(info, "user.userInfo", INFO_FIELDS, unknown),
  ];
}

function pointsAtSomebody({ userIds: ids, userInfo, externalIds, lead }: JsonObject): boolean {
  return (Array.isArray(ids) && ids.length > 0) || [userInfo, externalIds, lead].some((value) => value !== undefined);
}
