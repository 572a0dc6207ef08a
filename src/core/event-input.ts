import * as z from "zod/mini";
import { CLICK_ID_NAMES, type ClickId } from "./click-ids.ts";
import { parseTime } from "./clock-skew.ts";
import { ACTION_SOURCES, type JsonValue } from "./event.ts";
import { isNegative, parseMoney } from "./money.ts";
import { cleanJson, describeShape, isObject, MAX_ENTRIES, MAX_TEXT } from "./safe-json.ts";

/** One thing wrong or odd about one field. `got` tells the kind and size of what came, never the value itself. */
export interface Problem {
  field: string;
  rule: string;
  got: string;
}

// Every rule is spelled for the person who reads it in an answer. `z.describe` feeds the generated documentation.
const text = (max: number = MAX_TEXT) => z.string().check(z.maxLength(max));
const idText = (max: number) =>
  z.pipe(
    read(z.union([z.string(), z.number()]), "text, or a whole number below 2^53", wholeText),
    z.string().check(z.minLength(1), z.maxLength(max)),
  );
const amount = () =>
  read(z.union([z.number(), z.string()]), "a decimal number below 10^15 with a point, such as 149.85", parseMoney);
const positiveAmount = () =>
  z.pipe(amount(), z.string().check(z.refine((value) => !isNegative(value), "zero or more")));
const time = () =>
  read(z.union([z.string(), z.number()]), "ISO 8601 text, epoch seconds or epoch milliseconds", parseTime);
const sha256 = () =>
  read(z.string(), "64 hexadecimal digits", (value) => matched(value.toLowerCase(), /^[0-9a-f]{64}$/));
const consentValue = () => z.optional(z.enum(["granted", "denied"]));

const PAGE = z.object({
  url: z.optional(text()),
  referrer: z.optional(text()),
  title: z.optional(text()),
});

const USER = z.object({
  user_id: z.optional(idText(256)),
  anonymous_id: z.optional(idText(256)),
  email: z.optional(text(320)),
  phone: z.optional(idText(64)),
  email_sha256: z.optional(sha256()),
  phone_sha256: z.optional(sha256()),
  first_name: z.optional(text(200)),
  last_name: z.optional(text(200)),
  gender: z.optional(read(z.string(), "m or f", readGender)),
  date_of_birth: z.optional(read(z.string(), "a date as YYYY-MM-DD", readDate)),
  street: z.optional(text(400)),
  city: z.optional(text(200)),
  region: z.optional(text(200)),
  postal_code: z.optional(idText(32)),
  country: z.optional(
    read(z.string(), "an ISO 3166-1 alpha-2 code, such as DE", (value) => matched(value.toUpperCase(), /^[A-Z]{2}$/)),
  ),
  ip: z.optional(text(64)),
  user_agent: z.optional(text()),
});

const BROWSER_IDS = z.object({
  fbp: z.optional(text(500)),
  fbc: z.optional(text(1000)),
  ga_client_id: z.optional(text(200)),
  ga_session_id: z.optional(idText(64)),
});

const clickIdShape = Object.fromEntries(CLICK_ID_NAMES.map((name) => [name, z.optional(text(1000))]));
const CLICK_ID_INPUT = z.object(clickIdShape as Record<ClickId, ReturnType<typeof optionalText>>);

const CONSENT = z.object({
  ad_storage: consentValue(),
  ad_user_data: consentValue(),
  ad_personalization: consentValue(),
  analytics_storage: consentValue(),
  gpc: z.optional(z.boolean()),
  limited_data_use: z.optional(z.boolean()),
  jurisdiction: z.optional(
    read(z.string(), "a country or ISO 3166-2 region, such as US-CA", (value) =>
      matched(value.toUpperCase(), /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/),
    ),
  ),
});

const ITEM = z.object({
  id: z.optional(idText(200)),
  name: z.optional(text(1000)),
  brand: z.optional(text(500)),
  category: z.optional(text(1000)),
  variant: z.optional(text(500)),
  price: z.optional(positiveAmount()),
  quantity: z.optional(read(z.union([z.number(), z.string()]), "a number from 0 to 1,000,000", readQuantity)),
  coupon: z.optional(text(200)),
  discount: z.optional(positiveAmount()),
  index: z.optional(z.number()),
});

/** The body of one event on `POST /v1/events`, and the form that every other dialect is turned into first. */
export const EVENT_INPUT = z.object({
  event_name: text(100),
  event_id: z.optional(idText(200)),
  event_time: z.optional(time()),
  sent_at: z.optional(time()),
  action_source: z.optional(z.enum(ACTION_SOURCES)),
  page: z.optional(PAGE),
  user: z.optional(USER),
  browser_ids: z.optional(BROWSER_IDS),
  click_ids: z.optional(CLICK_ID_INPUT),
  cookies: z.optional(z.record(z.string(), z.string())),
  consent: z.optional(CONSENT),
  order_id: z.optional(idText(100)),
  lead_id: z.optional(idText(100)),
  value: z.optional(amount()),
  currency: z.optional(
    read(z.string(), "an ISO 4217 code, such as EUR", (value) => matched(value.toUpperCase(), /^[A-Z]{3}$/)),
  ),
  tax: z.optional(positiveAmount()),
  shipping: z.optional(positiveAmount()),
  discount: z.optional(positiveAmount()),
  coupon: z.optional(text(200)),
  items: z.optional(z.array(ITEM).check(z.maxLength(MAX_ENTRIES))),
  search_term: z.optional(text(1000)),
  payment_type: z.optional(text(200)),
  method: z.optional(text(200)),
  properties: z.optional(z.record(z.string(), z.unknown())),
  destinations: z.optional(z.record(z.string(), z.boolean())),
  test: z.optional(z.boolean()),
});

/** An event as a source sent it, with every field checked and in canonical spelling. */
export type EventInput = z.infer<typeof EVENT_INPUT>;

const NESTED: Readonly<Record<string, { shape: object }>> = {
  page: PAGE,
  user: USER,
  browser_ids: BROWSER_IDS,
  click_ids: CLICK_ID_INPUT,
  consent: CONSENT,
};

/** What reading one event gives: the input, or why it is refused; `clean` is the safe copy that quarantine keeps. */
export type InputResult = { clean: JsonValue; warnings: Problem[] } & (
  | { ok: true; input: EventInput }
  | { ok: false; errors: Problem[] }
);

/**
 * Reads one event of the first-party contract. Total: whatever JSON comes in, the answer is an input or a list of
 * problems. `null` and blank text count as absent; unknown keys are ignored with a warning.
 */
export function readEventInput(raw: unknown): InputResult {
  const { value: clean, notes } = cleanJson(raw);
  const warnings = notes.filter((note) => !note.fatal).map((note) => noteProblem(note.path, note.rule));
  const fatal = notes.filter((note) => note.fatal).map((note) => noteProblem(note.path, note.rule));
  if (fatal.length > 0) return { ok: false, errors: fatal, warnings, clean };
  if (!isObject(clean)) {
    return { ok: false, errors: [{ field: "", rule: "an object", got: describeShape(clean) }], warnings, clean };
  }
  const tidy = tidied(clean, EVENT_INPUT, "", warnings);
  for (const [key, schema] of Object.entries(NESTED)) {
    if (isObject(tidy[key])) tidy[key] = tidied(tidy[key], schema, `${key}.`, warnings);
  }
  if (Array.isArray(tidy.items)) {
    tidy.items = tidy.items.map((item, i) => (isObject(item) ? tidied(item, ITEM, `items[${i}].`, warnings) : item));
  }
  const parsed = z.safeParse(EVENT_INPUT, tidy);
  if (parsed.success) return { ok: true, input: parsed.data, warnings, clean };
  return { ok: false, errors: parsed.error.issues.map((issue) => issueProblem(issue, tidy)), warnings, clean };
}

function tidied(raw: Record<string, unknown>, schema: { shape: object }, path: string, warnings: Problem[]) {
  const tidy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (!Object.hasOwn(schema.shape, key)) {
      warnings.push({
        field: path + key,
        rule: "unknown, ignored: own fields belong in properties",
        got: describeShape(value),
      });
    } else if (value !== null && !(typeof value === "string" && value.trim() === "")) {
      tidy[key] = typeof value === "string" ? value.trim() : value;
    }
  }
  return tidy;
}

function noteProblem(field: string, rule: string): Problem {
  return { field, rule, got: rule === "dangerous_key" ? "a key that is never taken" : "more than the limit" };
}

function issueProblem(issue: z.core.$ZodIssue, input: Record<string, unknown>): Problem {
  const field = issue.path.reduce<string>(
    (path, step) => (typeof step === "number" ? `${path}[${step}]` : `${path}${path === "" ? "" : "."}${String(step)}`),
    "",
  );
  let value: unknown = input;
  for (const step of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  return { field, rule: ruleOf(issue), got: describeShape(value) };
}

function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `${issue.expected}, required`;
    case "too_big":
      return `at most ${issue.maximum} ${issue.origin === "string" ? "characters" : "entries"}`;
    case "too_small":
      return `at least ${issue.minimum} ${issue.origin === "string" ? "characters" : "entries"}`;
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    case "invalid_union":
      return issue.errors
        .map((branch) => (branch[0]?.code === "invalid_type" ? branch[0].expected : "valid"))
        .join(" or ");
    default:
      return issue.message;
  }
}

/** A schema that takes what `base` takes and turns it into something; undefined breaks the rule. */
function read<Base extends z.ZodMiniType, Output>(
  base: Base,
  rule: string,
  convert: (value: z.output<Base>) => Output | undefined,
) {
  return z.pipe(
    base,
    z.transform((value: z.output<Base>, context): Output => {
      const output = convert(value);
      if (output !== undefined) return output;
      context.issues.push({ code: "custom", input: value, message: rule });
      return z.NEVER;
    }),
  );
}

function optionalText() {
  return z.optional(text());
}

function matched(value: string, pattern: RegExp): string | undefined {
  return pattern.test(value) ? value : undefined;
}

function wholeText(value: string | number): string | undefined {
  if (typeof value === "string") return value.trim();
  // A longer number has already lost digits in JSON, and a wrong id is worse than none.
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

function readGender(value: string): "m" | "f" | undefined {
  const letter = /^(m|f|male|female)$/i.test(value) ? value[0]?.toLowerCase() : undefined;
  return letter === "m" || letter === "f" ? letter : undefined;
}

function readDate(value: string): string | undefined {
  const valid = /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
  // Date.parse takes 30 February and moves it to March.
  return valid && new Date(value).toISOString().startsWith(value) ? value : undefined;
}

function readQuantity(value: number | string): number | undefined {
  const parsed = parseMoney(value);
  if (parsed === undefined || isNegative(parsed) || Number(parsed) > 1e6) return undefined;
  return Number(parsed);
}
