import {
  anything,
  boolean,
  checkFields,
  currency,
  isObject,
  type JsonObject,
  matching,
  missingFields,
  number,
  object,
  type Problem,
  publicIp,
  type Rule,
  text,
} from "../../rules.ts";

/** What is wrong, and where, as JSON:API points at it. */
export interface KlaviyoProblem {
  readonly pointer: string;
  readonly message: string;
}

/** Of https://developers.klaviyo.com/en/reference/events_api_overview#limitations */
const MAX_PROPERTIES = 400;
const MAX_LEVELS = 10;
const MAX_ARRAY = 4000;
const MAX_STRING_BYTES = 100_000;
const MAX_NAME = 127;
const MAX_EXTERNAL_ID = 255;
const YEAR_MS = 365 * 86_400_000;

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const EMAIL =
  /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])$/i;

const email: Rule = (value) =>
  typeof value === "string" && value.length <= 254 && EMAIL.test(value) ? undefined : "Invalid email address";

const externalId: Rule = (value) =>
  typeof value === "string" && value.length > MAX_EXTERNAL_ID
    ? `must not have more than ${MAX_EXTERNAL_ID} characters`
    : text(value);

const PROFILE_FIELDS: Readonly<Record<string, Rule>> = {
  email,
  phone_number: matching(/^\+[1-9]\d{6,14}$/, "E.164"),
  external_id: externalId,
  anonymous_id: text,
  _kx: text,
  first_name: text,
  last_name: text,
  organization: text,
  locale: text,
  title: text,
  image: text,
  location: object,
  properties: object,
  meta: object,
};

const LOCATION_FIELDS: Readonly<Record<string, Rule>> = {
  address1: text,
  address2: text,
  city: text,
  country: text,
  region: text,
  zip: text,
  timezone: text,
  ip: publicIp,
  latitude: anything,
  longitude: anything,
};

const EVENT_FIELDS: Readonly<Record<string, Rule>> = {
  properties: object,
  time: matching(ISO_TIME, "an ISO 8601 time"),
  value: number,
  value_currency: currency,
  unique_id: text,
  backfill: boolean,
  metric: object,
  profile: object,
};

/** Whether this is a resource object of the type, with attributes. */
export function problemsOfResource(resource: unknown, type: string, pointer: string): KlaviyoProblem[] {
  if (!isObject(resource)) return [{ pointer, message: "is required and must be an object" }];
  if (resource.type !== type) return [{ pointer: `${pointer}/type`, message: `must be ${type}` }];
  return isObject(resource.attributes)
    ? []
    : [{ pointer: `${pointer}/attributes`, message: "is required and must be an object" }];
}

/** Every rule of an event's own attributes; the profile has rules of its own. */
export function problemsOfEvent(
  event: JsonObject,
  pointer: string,
  { now, strict }: { readonly now: number; readonly strict: boolean },
): KlaviyoProblem[] {
  return [
    ...pointed(missingFields(event, "", ["properties", "metric"]), pointer),
    ...pointed(checkFields(event, "", EVENT_FIELDS, strict ? undefined : anything), pointer),
    ...timeProblems(event.time, `${pointer}/time`, now),
    ...metricProblems(event.metric, `${pointer}/metric/data`),
    ...propertyProblems(event.properties, `${pointer}/properties`),
    ...(event.value_currency !== undefined && event.value === undefined
      ? [{ pointer: `${pointer}/value_currency`, message: "says nothing without a value" }]
      : []),
  ];
}

/** Every rule of a profile resource. */
export function problemsOfProfile(profile: unknown, pointer: string, strict: boolean): KlaviyoProblem[] {
  const resource = problemsOfResource(profile, "profile", pointer);
  if (resource.length > 0 || !isObject(profile) || !isObject(profile.attributes)) return resource;
  const { attributes } = profile;
  const unknown = strict ? undefined : anything;
  const problems = pointed(checkFields(attributes, "", PROFILE_FIELDS, unknown), `${pointer}/attributes`);
  if (isObject(attributes.location)) {
    const path = `${pointer}/attributes/location`;
    if (Object.keys(attributes.location).length === 0) problems.push({ pointer: path, message: "is empty" });
    problems.push(...pointed(checkFields(attributes.location, "", LOCATION_FIELDS, unknown), path));
  }
  const ids = [profile.id, ...["email", "phone_number", "external_id", "anonymous_id"].map((name) => attributes[name])];
  if (ids.every((id) => id === undefined)) {
    problems.push({ pointer: `${pointer}/attributes`, message: "at least one profile identifier is required" });
  }
  return problems;
}

function timeProblems(time: unknown, pointer: string, now: number): KlaviyoProblem[] {
  const at = typeof time === "string" ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) return [];
  return at < Date.UTC(2001) || at > now + YEAR_MS
    ? [{ pointer, message: "must be after the year 2000 and at most a year ahead" }]
    : [];
}

function metricProblems(metric: unknown, pointer: string): KlaviyoProblem[] {
  const data = isObject(metric) ? metric.data : undefined;
  const resource = problemsOfResource(data, "metric", pointer);
  if (resource.length > 0 || !isObject(data) || !isObject(data.attributes)) return resource;
  const { name, service, ...others } = data.attributes;
  const path = `${pointer}/attributes`;
  const wrong = text(name) ?? (String(name).length > MAX_NAME ? "must have less than 128 characters" : undefined);
  return [
    ...(wrong === undefined ? [] : [{ pointer: `${path}/name`, message: wrong }]),
    ...(service === undefined || typeof service === "string"
      ? []
      : [{ pointer: `${path}/service`, message: "must be a string" }]),
    ...Object.keys(others).map((key) => ({ pointer: `${path}/${key}`, message: "is not a field of this API" })),
  ];
}

function propertyProblems(properties: unknown, pointer: string): KlaviyoProblem[] {
  if (!isObject(properties)) return [];
  const names = Object.keys(properties);
  const problems = names.flatMap((name) => valueProblems(properties[name], `${pointer}/${name}`, 2));
  if (names.length > MAX_PROPERTIES) {
    problems.push({ pointer, message: `holds ${names.length} properties, at most ${MAX_PROPERTIES} are taken` });
  }
  for (const name of ["$value", "$event_id", "$value_currency"]) {
    if (name in properties)
      problems.push({ pointer: `${pointer}/${name}`, message: "is an attribute, not a property" });
  }
  return problems;
}

function valueProblems(value: unknown, pointer: string, level: number): KlaviyoProblem[] {
  if (typeof value === "string") {
    return Buffer.byteLength(value) > MAX_STRING_BYTES ? [{ pointer, message: "is larger than 100 kB" }] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  const problems = Object.entries(value).flatMap(([key, inner]) =>
    valueProblems(inner, `${pointer}/${key}`, level + 1),
  );
  if (level > MAX_LEVELS) problems.push({ pointer, message: `is nested more than ${MAX_LEVELS} levels deep` });
  if (Array.isArray(value) && value.length > MAX_ARRAY) {
    problems.push({ pointer, message: `holds ${value.length} items, at most ${MAX_ARRAY} are taken` });
  }
  return problems;
}

function pointed(problems: readonly Problem[], pointer: string): KlaviyoProblem[] {
  return problems.map(({ path, message }) => ({ pointer: `${pointer}/${path}`, message }));
}
