import {
  allOf,
  amount,
  anything,
  boolean,
  checkFields,
  country,
  currency,
  email,
  isObject,
  type JsonObject,
  matching,
  missingFields,
  object,
  oneOf,
  phoneE164,
  problemLines,
  type Rule,
  text,
  textUpTo,
  uuid,
} from "../../rules.ts";
import { isoTime } from "../../time-rules.ts";
import { isRecommended, recommendedProblems } from "./ecommerce.ts";

/** Braze names no oldest time; what is older is a mistake of units. */
const TIME_BOUNDS = { maxAgeMs: 60 * 365 * 86_400_000, maxAheadMs: 300_000 };
/** Identifiers that are nothing else, and all that there are. */
const LEADING = ["external_id", "user_alias", "braze_id"];
const IDENTIFIERS = [...LEADING, "email", "phone"];
const MAX_OBJECT_BYTES = 100_000;
const MAX_PROPERTIES = 256;

const name: Rule = allOf(textUpTo(255), (value) =>
  String(value).startsWith("$") ? "must not begin with $" : undefined,
);

const userAlias: Rule = (value) => {
  if (!isObject(value)) return "must be an object";
  const problems = checkFields(value, "", { alias_name: textUpTo(512), alias_label: textUpTo(255) });
  return problemLines([...missingFields(value, "", ["alias_name", "alias_label"]), ...problems])[0];
};

const quantity: Rule = (value) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 100
    ? undefined
    : "must be an integer from 1 to 100";

const PERSON: Readonly<Record<string, Rule>> = {
  external_id: textUpTo(997),
  user_alias: userAlias,
  braze_id: text,
  email,
  phone: phoneE164,
  _update_existing_only: boolean,
};

const PROFILE: Readonly<Record<string, Rule>> = {
  ...PERSON,
  first_name: textUpTo(255),
  last_name: textUpTo(255),
  home_city: textUpTo(255),
  country,
  dob: matching(/^\d{4}-\d{2}-\d{2}$/, "YYYY-MM-DD"),
  gender: oneOf("M", "F", "O", "N", "P"),
  language: matching(/^[a-z]{2}$/, "ISO 639-1"),
  time_zone: text,
  $google_ad_user_data: boolean,
  $google_ad_personalization: boolean,
};

const RESERVED = ["time", "event_name"];
const RESERVED_FOR_PURCHASES = [...RESERVED, "product_id", "quantity", "price", "currency"];

/** What is wrong with an entry of `events`. */
export function eventProblems(event: JsonObject, now: number, strict: boolean): string[] {
  const fields = { ...PERSON, app_id: uuid, name, time: isoTime(now, TIME_BOUNDS), properties: object };
  const shared = sharedProblems(event, fields, ["name", "time"], strict);
  const { properties = {} } = event;
  if (!isObject(properties)) return shared;
  const own =
    typeof event.name === "string" && isRecommended(event.name)
      ? recommendedProblems(event.name, properties, strict)
      : [];
  return [...shared, ...propertyProblems(properties, RESERVED), ...own];
}

/** What is wrong with an entry of `purchases`. */
export function purchaseProblems(purchase: JsonObject, now: number, strict: boolean): string[] {
  const fields = {
    ...PERSON,
    app_id: uuid,
    product_id: textUpTo(255),
    currency,
    price: amount,
    quantity,
    time: isoTime(now, TIME_BOUNDS),
    properties: object,
  };
  const shared = sharedProblems(purchase, fields, ["product_id", "currency", "price", "time"], strict);
  const { properties = {} } = purchase;
  return isObject(properties) ? [...shared, ...propertyProblems(properties, RESERVED_FOR_PURCHASES)] : shared;
}

/** What is wrong with an entry of `attributes`. Of names that the account made up, only the form can be judged. */
export function attributesProblems(profile: JsonObject, strict: boolean): string[] {
  const said = Object.keys(profile).filter((field) => !LEADING.includes(field) && field !== "_update_existing_only");
  // Without another identifier the e-mail, or else the phone, is one.
  const spare = LEADING.some((field) => profile[field] !== undefined) ? 0 : 1;
  const empty = said.length <= spare ? ["says nothing of the profile"] : [];
  return [...sharedProblems(profile, PROFILE, [], strict, true), ...empty];
}

function sharedProblems(
  entry: JsonObject,
  fields: Readonly<Record<string, Rule>>,
  required: readonly string[],
  strict: boolean,
  isProfile = false,
): string[] {
  const given = IDENTIFIERS.filter((identifier) => entry[identifier] !== undefined);
  // E-mail and phone are facts of the profile too.
  const leading = isProfile ? given.filter((identifier) => LEADING.includes(identifier)) : given;
  const bytes = Buffer.byteLength(JSON.stringify(entry));
  return [
    ...(given.length === 0 ? ["'external_id' or 'braze_id' or 'user_alias' or 'email' or 'phone' is required"] : []),
    ...(leading.length > 1 ? [`has several identifiers: ${leading.join(", ")}`] : []),
    ...problemLines(missingFields(entry, "", required)),
    ...problemLines(checkFields(entry, "", fields, strict ? undefined : anything)),
    ...(bytes > MAX_OBJECT_BYTES ? [`has ${bytes} bytes, at most ${MAX_OBJECT_BYTES} are taken`] : []),
  ];
}

/** https://www.braze.com/docs/user_guide/data/activation/events/custom_events/custom_event_properties */
function propertyProblems(properties: JsonObject, reserved: readonly string[]): string[] {
  const count = Object.keys(properties).length;
  const taken = Object.keys(properties).filter((property) => reserved.includes(property));
  return [
    ...(count > MAX_PROPERTIES ? [`properties has ${count} names, at most ${MAX_PROPERTIES} are kept`] : []),
    ...taken.map((property) => `Invalid 'properties' field: ${property} is reserved`),
    ...valueProblems(properties, "properties"),
  ];
}

function valueProblems(value: unknown, path: string): string[] {
  if (value === null || value === undefined) return [`${path} is null`];
  if (typeof value === "string") return [...value].length > 255 ? [`${path} has more than 255 characters`] : [];
  if (Array.isArray(value)) return value.flatMap((inner, index) => valueProblems(inner, `${path}[${index}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([property, inner]) => [
    ...(name(property) === undefined ? [] : [`${path}.${property} is no name for a property`]),
    ...valueProblems(inner, `${path}.${property}`),
  ]);
}
