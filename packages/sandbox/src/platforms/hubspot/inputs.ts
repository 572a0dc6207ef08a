import {
  anything,
  checkFields,
  isObject,
  type JsonObject,
  matching,
  missingFields,
  object,
  oneOf,
  type Problem,
  type Rule,
  text,
} from "../../rules.ts";

/** What is wrong with one input, with HubSpot's code for a property's value. */
export interface HubspotProblem {
  readonly path: string;
  readonly message: string;
  readonly code: string;
}

const MAX_PROPERTIES = 50;
const MAX_VALUE = 256;
const MAX_ADDRESS = 1024;
const MAX_TEXT = 65_536;

const EMAIL = /^[^\s@"(),:;<>[\\\]]+@(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]$/i;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const STAGES = [
  "subscriber",
  "lead",
  "marketingqualifiedlead",
  "salesqualifiedlead",
  "opportunity",
  "customer",
  "evangelist",
  "other",
];

const email: Rule = (value) =>
  typeof value === "string" && EMAIL.test(value) ? undefined : `Email address ${String(value)} is invalid`;
const eventName = matching(/^pe\d+_[a-z][a-z0-9_]{0,49}$/, "pe<hub id>_<name>");

const CONTACT_FIELDS: Readonly<Record<string, Rule>> = {
  id: email,
  idProperty: oneOf("email"),
  objectWriteTraceId: text,
  properties: object,
};

const OCCURRENCE_FIELDS: Readonly<Record<string, Rule>> = {
  eventName,
  email,
  utk: matching(/^[0-9a-f]{32}$/i, "32 hex digits"),
  objectId: text,
  occurredAt: matching(ISO_TIME, "an ISO 8601 time"),
  uuid: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, "a UUID"),
  properties: object,
};

/** Every rule of one input of the batch upsert. */
export function contactProblems(input: unknown, strict: boolean): HubspotProblem[] {
  if (!isObject(input)) return [{ path: "inputs", message: "must be an object", code: "INVALID" }];
  const properties = isObject(input.properties) ? input.properties : {};
  const problems = [
    ...coded(missingFields(input, "", ["id", "idProperty", "properties"])),
    ...coded(checkFields(input, "", CONTACT_FIELDS, strict ? undefined : anything)),
    ...Object.entries(properties).flatMap(([name, value]) => valueProblems(name, value, MAX_TEXT)),
  ];
  const { email: written, lifecyclestage: stage, phone } = properties;
  if (written !== input.id) problems.push({ path: "email", message: "is not the id", code: "INVALID_EMAIL" });
  if (stage !== undefined && !STAGES.includes(String(stage))) {
    problems.push({
      path: "lifecyclestage",
      message: `${stage} was not one of the allowed options`,
      code: "INVALID_OPTION",
    });
  }
  if (strict && phone !== undefined && !/^\+[1-9]\d{4,14}$/.test(String(phone))) {
    problems.push({ path: "phone", message: "is not international", code: "INVALID_PHONE" });
  }
  return problems;
}

/** Every rule of one occurrence. */
export function occurrenceProblems(input: unknown, now: number, strict: boolean): HubspotProblem[] {
  if (!isObject(input)) return [{ path: "inputs", message: "must be an object", code: "INVALID" }];
  const { properties } = input;
  const problems = [
    ...coded(missingFields(input, "", ["eventName", "properties"])),
    ...coded(checkFields(input, "", OCCURRENCE_FIELDS, strict ? undefined : anything)),
    ...whoProblems(input, strict),
    ...(isObject(properties) ? propertyProblems(properties) : []),
  ];
  if (typeof input.occurredAt === "string" && Date.parse(input.occurredAt) > now + 60_000) {
    problems.push({ path: "occurredAt", message: "is in the future", code: "INVALID" });
  }
  return problems;
}

/** Names that end so stand for events without a definition in the account. */
export function isUndefinedEvent(name: unknown): boolean {
  return typeof name === "string" && name.endsWith("_undefined");
}

function whoProblems(input: JsonObject, strict: boolean): HubspotProblem[] {
  const given = ["email", "utk", "objectId"].filter((name) => input[name] !== undefined);
  if (given.length === 0) return [{ path: "email", message: "or utk or objectId is required", code: "REQUIRED_FIELD" }];
  return strict && given.length > 1
    ? [{ path: given.join(" and "), message: "are two answers to one question", code: "INVALID" }]
    : [];
}

function propertyProblems(properties: JsonObject): HubspotProblem[] {
  const entries = Object.entries(properties);
  const problems = entries.flatMap(([name, value]) =>
    valueProblems(name, value, /url|referrer/.test(name) ? MAX_ADDRESS : MAX_VALUE),
  );
  if (entries.length > MAX_PROPERTIES) {
    problems.push({ path: "properties", message: `hold more than ${MAX_PROPERTIES}`, code: "INVALID" });
  }
  return problems;
}

function valueProblems(name: string, value: unknown, most: number): HubspotProblem[] {
  if (!/^[a-z][a-z0-9_]*$/.test(name) || name.startsWith("missing_")) {
    return [{ path: name, message: `Property "${name}" does not exist`, code: "PROPERTY_DOESNT_EXIST" }];
  }
  if (typeof value !== "string") return [{ path: name, message: "must be a string", code: "INVALID" }];
  if (value.trim() === "") return [{ path: name, message: "is empty, which clears the property", code: "INVALID" }];
  return value.length > most ? [{ path: name, message: `has more than ${most} characters`, code: "INVALID" }] : [];
}

function coded(problems: readonly Problem[]): HubspotProblem[] {
  return problems.map(({ path, message, kind }) => ({
    path,
    message,
    code: path === "id" || path === "email" ? "INVALID_EMAIL" : kind === "missing" ? "REQUIRED_FIELD" : "INVALID",
  }));
}
