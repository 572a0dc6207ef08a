import * as z from "zod/mini";
import { CONSENT_STRINGS } from "./consent.ts";
import type { JsonValue } from "./event.ts";
import { likelyEventName } from "./event-names.ts";
import { EVENT_INPUT, type EventInput, NESTED } from "./event-schema.ts";
import { cleanJson, describeShape, isObject } from "./safe-json.ts";

/** One thing wrong or odd about one field. `got` tells the kind and size of what came, never the value itself. */
export interface Problem {
  field: string;
  rule: string;
  got: string;
}

/** What reading one event gives: the input, or why it is refused; `clean` is the safe copy that quarantine keeps. */
export type InputResult = { clean: JsonValue; warnings: Problem[] } & (
  | { ok: true; input: EventInput }
  | { ok: false; errors: Problem[] }
);

/** Fields that help a platform find the person and change nothing about the conversion: broken ones are left out. */
const HELPFUL: ReadonlySet<string> = new Set([
  "page",
  "campaign",
  "app",
  "device",
  "user",
  "browser_ids",
  "click_ids",
  "items",
]);
/** Of `consent`: what a consent manager wrote. A wrong one says nothing; the sender's own words have to be right. */
const WRITTEN_BY_MACHINE: ReadonlySet<PropertyKey> = new Set([...CONSENT_STRINGS, "gpp_sid"]);
/** Among the helpful, the ids: a wrong one is a mistake that has to be mended, not a gap. */
const IDS: ReadonlySet<PropertyKey> = new Set(["user_id", "anonymous_id", "id"]);

/**
 * Reads one event of the first-party contract. Total: whatever JSON comes in, the answer is an input or a list of
 * problems. `null` and blank text count as absent; unknown keys, and broken fields that the conversion does not hang
 * on, are ignored with a warning.
 */
export function readEventInput(raw: unknown): InputResult {
  const { value: clean, notes } = cleanJson(raw);
  const warnings = notes.filter((note) => !note.fatal).map((note) => noteProblem(note.path, note.rule));
  const fatal = notes.filter((note) => note.fatal).map((note) => noteProblem(note.path, note.rule));
  if (fatal.length > 0) return { ok: false, errors: fatal, warnings, clean };
  if (!isObject(clean)) {
    return { ok: false, errors: [{ field: "", rule: "an object", got: describeShape(clean) }], warnings, clean };
  }
  const tidy = tidyEvent(clean, warnings);
  const parsed = z.safeParse(EVENT_INPUT, tidy);
  if (parsed.success) return { ok: true, input: parsed.data, warnings, clean };
  const { issues } = parsed.error;
  const serious = issues.filter((issue) => !isHelpfulOnly(issue.path));
  if (serious.length > 0)
    return { ok: false, errors: serious.map((issue) => issueProblem(issue, tidy)), warnings, clean };
  for (const issue of issues) {
    const { field, rule, got } = issueProblem(issue, tidy);
    warnings.push({ field, rule: `ignored: ${rule}`, got });
  }
  const rest = z.safeParse(
    EVENT_INPUT,
    withoutFields(
      tidy,
      issues.map((issue) => issue.path),
    ),
  );
  if (rest.success) return { ok: true, input: rest.data, warnings, clean };
  return { ok: false, errors: rest.error.issues.map((issue) => issueProblem(issue, tidy)), warnings, clean };
}

/**
 * The path of a field with only the contract's own names in it. A key that the sender made up may be somebody's
 * address, and problems are stored and shown.
 */
function knownPath(path: readonly PropertyKey[]): string {
  let fields: object | undefined = EVENT_INPUT.shape;
  let known = "";
  for (const step of path) {
    if (typeof step === "number") {
      known += `[${step}]`;
      continue;
    }
    const dot = known === "" ? "" : ".";
    if (fields === undefined || !Object.hasOwn(fields, step)) return `${known}${dot}*`;
    fields = Object.hasOwn(NESTED, step) ? NESTED[String(step)]?.shape : undefined;
    known += `${dot}${String(step)}`;
  }
  return known;
}

function tidyEvent(clean: Record<string, unknown>, warnings: Problem[]): Record<string, unknown> {
  const tidy = tidied(clean, EVENT_INPUT, "", warnings);
  for (const [key, schema] of Object.entries(NESTED)) {
    if (isObject(tidy[key])) tidy[key] = tidied(tidy[key], schema, `${key}.`, warnings);
  }
  const { items: schema } = NESTED;
  if (Array.isArray(tidy.items) && schema !== undefined) {
    tidy.items = tidy.items.map((item, i) => (isObject(item) ? tidied(item, schema, `items[${i}].`, warnings) : item));
  }
  return typeof tidy.event_name === "string" && likelyEventName(tidy.event_name) === "refund" ? unsigned(tidy) : tidy;
}

/** GA4's names, which many a shop's data layer has: an order without its id is the dearest thing to lose silently. */
const GA4_NAMES: ReadonlyMap<string, string> = new Map([
  ["transaction_id", "order_id"],
  ["item_id", "id"],
  ["item_name", "name"],
  ["item_brand", "brand"],
  ["item_category", "category"],
  ["item_variant", "variant"],
]);

function nameHere(key: string, { shape }: { shape: object }): string | undefined {
  const name = GA4_NAMES.get(key);
  return name !== undefined && Object.hasOwn(shape, name) ? `it is called ${name} here` : undefined;
}

function tidied(raw: Record<string, unknown>, schema: { shape: object }, path: string, warnings: Problem[]) {
  const tidy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (!Object.hasOwn(schema.shape, key)) {
      warnings.push({
        // A misspelt field is worth naming; anything that does not look like one is not repeated.
        field: path + (/^[a-z][A-Za-z_]{0,39}$/.test(key) ? key : "*"),
        rule: `unknown, ignored: ${nameHere(key, schema) ?? "own fields belong in properties"}`,
        got: describeShape(value),
      });
    } else if (value !== null && !(typeof value === "string" && value.trim() === "")) {
      tidy[key] = typeof value === "string" ? value.trim() : value;
    }
  }
  return tidy;
}

// Shops write what goes back with or without a minus; both mean the same, in the lines as in the total.
function unsigned(refund: Record<string, unknown>): Record<string, unknown> {
  const positive = (from: Record<string, unknown>, keys: readonly string[]) => {
    const changed = { ...from };
    for (const key of keys) {
      const value = from[key];
      if (typeof value === "number") changed[key] = Math.abs(value);
      if (typeof value === "string") changed[key] = value.replace(/^-(?=\d)/, "");
    }
    return changed;
  };
  const whole = positive(refund, ["tax", "shipping", "discount"]);
  if (!Array.isArray(refund.items)) return whole;
  const lines = refund.items.map((item) => (isObject(item) ? positive(item, ["price", "quantity", "discount"]) : item));
  return { ...whole, items: lines };
}

function isHelpfulOnly([field, ...inside]: readonly PropertyKey[]): boolean {
  if (field === "consent") return inside[0] !== undefined && WRITTEN_BY_MACHINE.has(inside[0]);
  return inside.length > 0 && HELPFUL.has(String(field)) && !inside.some((step) => IDS.has(step) && field !== "app");
}

/** A copy without the fields at these paths; an item that is none, or an app without its platform, goes whole. */
function withoutFields(event: Record<string, unknown>, paths: readonly (readonly PropertyKey[])[]) {
  const copy = structuredClone(event);
  const lost = new Set<unknown>();
  for (const [field, ...inside] of paths) {
    const holder = copy[String(field)];
    if (field === "app" && inside[0] === "platform") delete copy.app;
    else if (Array.isArray(holder)) {
      const line = holder[Number(inside[0])];
      if (inside.length === 1) lost.add(inside[0]);
      else if (isObject(line)) delete line[String(inside[1])];
    } else if (isObject(holder)) delete holder[String(inside[0])];
  }
  if (Array.isArray(copy.items)) copy.items = copy.items.filter((_item, index) => !lost.has(index));
  return copy;
}

function noteProblem(path: string, rule: string): Problem {
  // "items[3].name" in steps; a key with a dot in it falls apart into names that are not known, which hides it too.
  const steps =
    path === ""
      ? []
      : path.split(/\.|(?=\[)/).map((step) => (/^\[\d+\]$/.test(step) ? Number(step.slice(1, -1)) : step));
  // Of a key that is never taken, the name is one of three, and nobody's.
  if (rule === "dangerous_key") {
    const parent = knownPath(steps.slice(0, -1));
    return {
      field: `${parent}${parent === "" ? "" : "."}${String(steps.at(-1))}`,
      rule,
      got: "a key that is never taken",
    };
  }
  return { field: knownPath(steps), rule, got: "more than the limit" };
}

function issueProblem(issue: z.core.$ZodIssue, input: Record<string, unknown>): Problem {
  let value: unknown = input;
  for (const step of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  return { field: knownPath(issue.path), rule: ruleOf(issue), got: describeShape(value) };
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
