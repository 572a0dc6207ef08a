import type { JsonValue } from "./event.ts";

/** Nesting below one event; anything deeper is cut. Every later recursion over an event is bounded by this. */
export const MAX_DEPTH = 32;
/** Keys of one object; entries of one array, of which the rest is cut. */
export const MAX_ENTRIES = 512;
/** Notes of one kind, fatal or not, that are kept: a body made of nothing else would fill the function's memory. */
const MAX_NOTES = 100;
/** UTF-16 units of one text. */
export const MAX_TEXT = 8192;

/** Keys through which a careless copy could reach `Object.prototype`. */
const DANGEROUS_KEYS = new Set(["__proto__", "constructor", "prototype"]);

// C0 and C1 controls except tab, line feed and carriage return, half surrogate pairs, and two non-characters: SQS
// refuses messages with characters outside XML 1.0, and none of them means anything in a name or an address.
const UNWANTED = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]|\p{Cs}/gu;

/** What was changed while cleaning: where, and by which rule. `fatal` ones make the event unusable. */
export interface CleaningNote {
  path: string;
  rule: "dangerous_key" | "too_deep" | "too_many_entries" | "text_too_long" | "not_json";
  fatal: boolean;
}

/** Text without control characters, lone surrogates and non-characters. Idempotent. */
export function cleanText(text: string): string {
  return text.replace(UNWANTED, "");
}

/**
 * Whether JSON text nests deeper than an event may when it is on a queue, where `MAX_DEPTH` and what a message wraps around
 * it leave plenty of room. `JSON.parse` reads any depth, and `JSON.stringify` ends in a stack overflow: such a message must
 * be told apart before somebody writes it again, beside others.
 */
export function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inText) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === BRACKET || code === BRACE) {
      depth += 1;
      if (depth > 2 * MAX_DEPTH) return true;
    } else if (code === CLOSING_BRACKET || code === CLOSING_BRACE) depth -= 1;
  }
  return false;
}

const [QUOTE, BACKSLASH, BRACKET, CLOSING_BRACKET, BRACE, CLOSING_BRACE] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** `JSON.parse` that answers instead of throwing. V8 parses without recursion, so depth cannot exhaust the stack here. */
export function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

/**
 * A deep copy that is safe to walk, to serialise and to put on a queue: clean text, bounded depth, width and text
 * length, no keys that reach a prototype. What had to go is noted by path, up to a bound.
 */
export function cleanJson(input: unknown): { value: JsonValue; notes: CleaningNote[] } {
  const notes = new Notes();
  return { value: cleanValue(input, "", 1, notes), notes: notes.kept };
}

class Notes {
  readonly kept: CleaningNote[] = [];
  readonly #counts = { fatal: 0, harmless: 0 };

  push(note: CleaningNote): void {
    const kind = note.fatal ? "fatal" : "harmless";
    this.#counts[kind] += 1;
    if (this.#counts[kind] <= MAX_NOTES) this.kept.push(note);
  }
}

function cleanValue(input: unknown, path: string, depth: number, notes: Notes): JsonValue {
  switch (typeof input) {
    case "string":
      return shortened(cleanText(input), path, notes);
    // 1e400 in JSON arrives as Infinity; it stays, so that the rule of its field can name it.
    case "number":
    case "boolean":
      return input;
    case "object":
      if (input === null) return null;
      if (depth > MAX_DEPTH) {
        notes.push({ path, rule: "too_deep", fatal: true });
        return null;
      }
      return Array.isArray(input)
        ? cleanArray(input, path, depth, notes)
        : cleanObject(input as Record<string, unknown>, path, depth, notes);
    default:
      notes.push({ path, rule: "not_json", fatal: false });
      return null;
  }
}

function cleanArray(input: readonly unknown[], path: string, depth: number, notes: Notes): JsonValue[] {
  // A list is still one without its end; an object may have lost anything.
  if (input.length > MAX_ENTRIES) notes.push({ path, rule: "too_many_entries", fatal: false });
  return input.slice(0, MAX_ENTRIES).map((entry, index) => cleanValue(entry, `${path}[${index}]`, depth + 1, notes));
}

function cleanObject(input: Record<string, unknown>, path: string, depth: number, notes: Notes) {
  const clean: { [key: string]: JsonValue } = {};
  const keys = Object.keys(input);
  if (keys.length > MAX_ENTRIES) notes.push({ path, rule: "too_many_entries", fatal: true });
  for (const rawKey of keys.slice(0, MAX_ENTRIES)) {
    const key = cleanText(rawKey).slice(0, 256);
    const at = path === "" ? key : `${path}.${key}`;
    if (DANGEROUS_KEYS.has(key)) notes.push({ path: at, rule: "dangerous_key", fatal: false });
    else if (input[rawKey] !== undefined) clean[key] = cleanValue(input[rawKey], at, depth + 1, notes);
  }
  return clean;
}

function shortened(text: string, path: string, notes: Notes): string {
  if (text.length <= MAX_TEXT) return text;
  notes.push({ path, rule: "text_too_long", fatal: false });
  // A cut through a surrogate pair leaves half of it.
  return cleanText(text.slice(0, MAX_TEXT));
}

/** The kind and size of a value for an error message: never the value, which may be personal. */
export function describeShape(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string") return value === "" ? "empty string" : `string of ${value.length} characters`;
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value === "number") return Number.isFinite(value) ? "number" : String(value);
  return typeof value;
}

/** A plain JSON object, not null and not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
