import type { JsonObject, Problem } from "../../rules.ts";

/** One line of the validation server's answer. */
export interface ValidationMessage {
  readonly fieldPath: string;
  readonly description: string;
  readonly validationCode:
    | "VALUE_INVALID"
    | "VALUE_REQUIRED"
    | "NAME_INVALID"
    | "NAME_RESERVED"
    | "VALUE_OUT_OF_BOUNDS"
    | "EXCEEDED_MAX_ENTITIES"
    | "NAME_DUPLICATED";
}

const MAX_AGE_MS = 72 * 3_600_000;
const MAX_AHEAD_MS = 60_000;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const RESERVED_PREFIX = /^(_|ga_|google_|firebase_|gtag\.)/;

/** Whether an event, parameter or user property may have this name. */
export function nameMessages(
  name: string,
  path: string,
  reserved: ReadonlySet<string>,
  longest = 40,
): ValidationMessage[] {
  if (reserved.has(name)) return [message(path, `the name ${name} is reserved`, "NAME_RESERVED")];
  if (RESERVED_PREFIX.test(name)) return [message(path, `the prefix of ${name} is reserved`, "NAME_RESERVED")];
  return NAME.test(name) && name.length <= longest
    ? []
    : [message(path, `a name has letters, digits and _, at most ${longest}`, "NAME_INVALID")];
}

/** Whether `timestamp_micros` of this payload or event lies within the last 72 hours. */
export function timeMessages(holder: JsonObject, prefix: string, now: number): ValidationMessage[] {
  const micros = holder.timestamp_micros;
  if (!Number.isSafeInteger(micros)) return [];
  const time = Number(micros) / 1000;
  return time < now - MAX_AGE_MS || time > now + MAX_AHEAD_MS
    ? [message(`${prefix}timestamp_micros`, "is in the future or more than 72 hours ago", "VALUE_OUT_OF_BOUNDS")]
    : [];
}

/** Whether so many are neither too few nor too many. */
export function countMessages(found: number, least: number, most: number, path: string): ValidationMessage[] {
  if (found > most) return [message(path, `holds ${found}, at most ${most} are taken`, "EXCEEDED_MAX_ENTITIES")];
  return found < least ? [message(path, "must not be empty", "VALUE_REQUIRED")] : [];
}

/** Length as people count it; Google does not say whether an emoji is one character or two. */
export function characters(value: unknown): number {
  return [...String(value)].length;
}

/** What a parameter may be; `items` is the one exception. */
export function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** Problems of fields in the words of the validation server. */
export function asMessages(problems: readonly Problem[]): ValidationMessage[] {
  return problems.map(({ path, message: description, kind }) =>
    message(path, description, kind === "missing" ? "VALUE_REQUIRED" : "VALUE_INVALID"),
  );
}

/** One message. */
export function message(
  fieldPath: string,
  description: string,
  validationCode: ValidationMessage["validationCode"],
): ValidationMessage {
  return { fieldPath, description, validationCode };
}
