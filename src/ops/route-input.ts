import type { z } from "zod/mini";
import { didYouMean } from "../config/did-you-mean.ts";
import { OpsRefusal } from "./route.ts";

/** Where a request's fields stand. */
export interface GivenFields {
  readonly segments: Readonly<Record<string, string>>;
  readonly rawQuery: string;
  /** The JSON body, when there was one. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** Reserved in every query: asks for personal data in clear. */
const PERSONAL = "personal";

type Schema = z.core.$ZodType;

/**
 * One input of segments, query and body, as the schema gives it, and whether personal data was asked for. Throws
 * `OpsRefusal` 400 that names each wrong field and never what stood in it: that may be somebody's e-mail address.
 */
export function readInput<Input extends z.ZodMiniType>(
  schema: Input,
  given: GivenFields,
  takesPersonal: boolean,
): { input: z.infer<Input>; personal: boolean } {
  const fields = fieldsOf(schema);
  const query = new URLSearchParams(given.rawQuery);
  const personal = readPersonal(query, takesPersonal);
  const names = [...Object.keys(given.segments), ...new Set(query.keys()), ...Object.keys(given.body ?? {})];
  const unknown = names.find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) throw unknownField(unknown, Object.keys(fields));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new OpsRefusal(400, "field_given_twice", `${twice} is given in two places`);
  const merged = Object.fromEntries([
    ...Object.entries(given.segments).map(([name, text]) => [name, typedValue(fields[name], [text])]),
    ...[...new Set(query.keys())].map((name) => [name, queryValue(name, fields[name], query.getAll(name))]),
    ...Object.entries(given.body ?? {}),
  ]);
  const parsed = schema.safeParse(merged);
  if (!parsed.success) throw invalidInput(parsed.error.issues, merged);
  return { input: parsed.data as z.infer<Input>, personal };
}

/** The fields of a route's input by name; none of what is no object. */
export function fieldsOf(schema: Schema): Readonly<Record<string, Schema>> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "object" ? def.shape : {};
}

function readPersonal(query: URLSearchParams, takesPersonal: boolean): boolean {
  if (!query.has(PERSONAL)) return false;
  const given = query.getAll(PERSONAL);
  query.delete(PERSONAL);
  if (!takesPersonal) throw new OpsRefusal(400, "unknown_field", "there is no personal data here: leave personal out");
  const [value] = given;
  if (given.length > 1 || (value !== "true" && value !== "false"))
    throw new OpsRefusal(400, "invalid_field", "personal must be true or false");
  return value === "true";
}

function unknownField(name: string, known: readonly string[]): OpsRefusal {
  const meant = didYouMean(name, known);
  // A name is the caller's text as well; a short one is a slip of the pen, a long one may be anything.
  const shown = /^[\w.-]{1,40}$/.test(name) ? name : "a field";
  const list = known.length === 0 ? "none is taken here" : `known are ${known.join(", ")}`;
  const hint = meant === undefined ? list : `did you mean "${meant}"?`;
  return new OpsRefusal(400, "unknown_field", `${shown} is not a known field; ${hint}`);
}

function queryValue(name: string, field: Schema | undefined, texts: readonly string[]): unknown {
  const isList = inner(field)?.type === "array";
  if (texts.length > 1 && !isList) throw new OpsRefusal(400, "field_given_twice", `${name} is given twice`);
  return typedValue(field, texts);
}

/** Text as the field wants it; what does not fit stays text, and the schema says so. */
function typedValue(field: Schema | undefined, texts: readonly string[]): unknown {
  const def = inner(field);
  const [text = ""] = texts;
  if (def?.type === "array")
    return texts.flatMap((list) => list.split(",")).map((item) => typedValue(def.element, [item]));
  if (def?.type === "number" && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (def?.type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

function inner(field: Schema | undefined): z.core.$ZodTypes["_zod"]["def"] | undefined {
  if (field === undefined) return undefined;
  const { def } = (field as z.core.$ZodTypes)._zod;
  return "innerType" in def ? inner(def.innerType) : def;
}

function invalidInput(issues: readonly z.core.$ZodIssue[], given: object): OpsRefusal {
  const problems = issues.map((issue) => {
    const field = issue.path.map(String).join(".");
    return `${field || "the input"} ${ruleOf(issue, valueAt(given, issue.path) === undefined)}`;
  });
  return new OpsRefusal(400, "invalid_field", [...new Set(problems)].join("; "));
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
    root,
  );
}

/** What `zod/mini` says when a schema brings no words: the locale that would say more is left out of the bundle. */
const NO_WORDS = "Invalid input";

function ruleOf(issue: z.core.$ZodIssue, isAbsent: boolean): string {
  if (isAbsent) return "is required";
  if (issue.message !== NO_WORDS) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be a ${issue.expected === "string" ? "text" : issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "unrecognized_keys":
      return `has the unknown field ${issue.keys.join(", ")}`;
    default:
      return "is not valid";
  }
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}
