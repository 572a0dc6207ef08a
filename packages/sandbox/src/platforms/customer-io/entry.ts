import {
  allOf,
  anything,
  checkFields,
  email,
  isObject,
  type JsonObject,
  matching,
  missingFields,
  object,
  oneOf,
  type Problem,
  phoneE164,
  type Rule,
  text,
} from "../../rules.ts";
import { epochSeconds } from "../../time-rules.ts";

/** What is wrong with a field, as the errors of an answer name it. */
export interface EntryProblem {
  readonly field: string;
  readonly message: string;
}

const MAX_ENTRY_BYTES = 32_000;
const MAX_PROFILE_ATTRIBUTES = 300;
/** No oldest event is named; what is older is a mistake of units. */
const TIME_BOUNDS = { maxAgeMs: 49 * 365 * 86_400_000, maxAheadMs: 300_000 };

function bytesUpTo(most: number): Rule {
  return (value) =>
    text(value) ?? (Buffer.byteLength(String(value)) > most ? `cannot be longer than ${most} bytes` : undefined);
}

/** Customer.io trims names; one that it would change cannot be found by the name that was sent. */
const eventName: Rule = allOf(bytesUpTo(100), (value) =>
  String(value).trim() === value ? undefined : "must not begin or end with a space",
);

const ulid = matching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, "ULID");
const IDENTIFIERS: Readonly<Record<string, Rule>> = {
  id: bytesUpTo(150),
  email: allOf(bytesUpTo(150), email),
  phone: phoneE164,
  cio_id: text,
  anonymous_id: bytesUpTo(150),
};

/** Override the mail that an event sets off. */
const MAIL_OVERRIDES: Readonly<Record<string, Rule>> = { recipient: email, from_address: email, reply_to: email };

/** Every rule of one entry of a batch: an update of a person, or an event, page view or screen view of theirs. */
export function entryProblems(entry: JsonObject, now: number, strict: boolean): EntryProblem[] {
  const isIdentify = entry.action === "identify";
  const shared: Readonly<Record<string, Rule>> = {
    type: oneOf("person"),
    action: oneOf("identify", "event", "page", "screen"),
    identifiers: object,
    timestamp: epochSeconds(now, TIME_BOUNDS),
    attributes: object,
  };
  const fields = isIdentify ? shared : { ...shared, name: eventName, id: ulid };
  const required = ["type", "action", "identifiers", ...(isIdentify ? [] : ["name"])];
  const bytes = Buffer.byteLength(JSON.stringify(entry));
  const heavy = { field: "", message: `has ${bytes} bytes, at most ${MAX_ENTRY_BYTES} are taken` };
  return [
    ...named(missingFields(entry, "", required)),
    ...named(checkFields(entry, "", fields, strict ? undefined : anything)),
    ...(isObject(entry.identifiers) ? identifierProblems(entry.identifiers, isIdentify) : []),
    ...(isObject(entry.attributes) ? attributeProblems(entry.attributes, isIdentify) : []),
    ...(bytes > MAX_ENTRY_BYTES ? [heavy] : []),
  ];
}

function identifierProblems(identifiers: JsonObject, isIdentify: boolean): EntryProblem[] {
  const given = Object.keys(identifiers);
  const problems = named(checkFields(identifiers, "identifiers", IDENTIFIERS));
  if (given.length !== 1) problems.push({ field: "identifiers", message: `must be one, are ${given.length}` });
  if (isIdentify && identifiers.anonymous_id !== undefined) {
    problems.push({ field: "identifiers.anonymous_id", message: "is no profile's identifier" });
  }
  return problems;
}

function attributeProblems(attributes: JsonObject, isIdentify: boolean): EntryProblem[] {
  const names = Object.keys(attributes);
  const long = names.filter((name) => Buffer.byteLength(name) > 150 || name.trim() === "");
  const problems = long.map((name) => ({ field: `attributes.${name}`, message: "is no name for an attribute" }));
  if (!isIdentify) return [...problems, ...nulls(attributes), ...named(checkMail(attributes))];
  if (names.length > MAX_PROFILE_ATTRIBUTES) {
    problems.push({ field: "attributes", message: `cannot identify more than ${MAX_PROFILE_ATTRIBUTES} attributes` });
  }
  const values = Object.entries(attributes).flatMap(([name, value]) => profileValue(name, value));
  return [...problems, ...values];
}

function profileValue(name: string, value: unknown): EntryProblem[] {
  const field = `attributes.${name}`;
  // An empty one takes the attribute away from the profile.
  if (value === null || value === "") return [{ field, message: "would remove the attribute" }];
  if (name === "created_at" && !Number.isSafeInteger(value)) return [{ field, message: "must be a Unix time" }];
  if (name === "email" && email(value) !== undefined) return [{ field, message: "must be an e-mail address" }];
  if (name === "phone" && phoneE164(value) !== undefined) return [{ field, message: "must be in E.164" }];
  const bytes = Buffer.byteLength(typeof value === "string" ? value : JSON.stringify(value));
  return bytes > 1000 ? [{ field, message: "cannot be longer than 1000 bytes" }] : [];
}

function nulls(attributes: JsonObject): EntryProblem[] {
  return Object.entries(attributes)
    .filter(([, value]) => value === null)
    .map(([name]) => ({ field: `attributes.${name}`, message: "is null" }));
}

function checkMail(attributes: JsonObject): Problem[] {
  return checkFields(attributes, "attributes", MAIL_OVERRIDES, anything);
}

function named(problems: readonly Problem[]): EntryProblem[] {
  return problems.map(({ path, message }) => ({ field: path, message }));
}
