import type { JsonValue } from "./event.ts";
import { cleanText } from "./safe-json.ts";

/** What a platform takes of properties whose names and values the sender chose. */
export interface PropertyLimits {
  /** Names with more UTF-8 bytes are left out: half a name is another one. */
  readonly nameBytes: number;
  /** Longer texts are cut, UTF-16 units. */
  readonly textLength: number;
  /** Properties on the top level. */
  readonly count: number;
  /** About as many characters as the JSON of all of them has; what no longer fits is left out, whole. */
  readonly characters: number;
  /** Levels of objects and lists; what lies deeper is left out. */
  readonly depth: number;
}

/**
 * The sender's own properties as far as a platform takes them, so that one careless property never costs the event.
 * Left out at every level: names that are empty or begin with `$` (lifecycle tools keep those for themselves), and values
 * that say nothing. `isTaken` names what the destination fills itself on the top level.
 */
export function senderProperties(
  given: Readonly<Record<string, JsonValue>> | undefined,
  limits: PropertyLimits,
  isTaken: (name: string) => boolean,
): Record<string, JsonValue> {
  const budget = { room: limits.characters };
  const kept: Record<string, JsonValue> = {};
  let count = 0;
  for (const [name, value] of Object.entries(given ?? {})) {
    if (count === limits.count) break;
    if (isTaken(name) || !isName(name, limits)) continue;
    const before = budget.room;
    const fitting = fitted(value, limits, budget, 1);
    budget.room -= name.length + 4;
    if (fitting === undefined || budget.room < 0) {
      budget.room = before;
      continue;
    }
    kept[name] = fitting;
    count += 1;
  }
  return kept;
}

/** The text with at most so many UTF-16 units, never with half a character at its end. */
export function cutText(text: string, length: number): string {
  return text.length <= length ? text : cleanText(text.slice(0, length));
}

/** The text with at most so many UTF-8 bytes, never with half a character at its end. */
export function cutBytes(text: string, bytes: number): string {
  // A UTF-16 unit has at least one byte, so what is cut off first is too much in any case.
  let cut = cutText(text, bytes);
  while (Buffer.byteLength(cut) > bytes) cut = cutText(cut, cut.length - 1);
  return cut;
}

function isName(name: string, { nameBytes }: PropertyLimits): boolean {
  return name.trim() !== "" && !name.startsWith("$") && Buffer.byteLength(name) <= nameBytes;
}

/** The value without what does not fit; undefined when nothing is left of it. Takes its size from the budget. */
function fitted(
  value: JsonValue,
  limits: PropertyLimits,
  budget: { room: number },
  depth: number,
): JsonValue | undefined {
  if (value === null) return undefined;
  if (typeof value === "string") {
    const text = cutText(value, limits.textLength);
    budget.room -= text.length + 2;
    return text.trim() === "" ? undefined : text;
  }
  if (typeof value !== "object") {
    budget.room -= 8;
    return value;
  }
  budget.room -= 2;
  if (depth >= limits.depth || budget.room < 0) return undefined;
  return Array.isArray(value) ? fittedList(value, limits, budget, depth) : fittedObject(value, limits, budget, depth);
}

function fittedList(
  list: readonly JsonValue[],
  limits: PropertyLimits,
  budget: { room: number },
  depth: number,
): JsonValue | undefined {
  const kept = list.map((entry) => fitted(entry, limits, budget, depth + 1)).filter((entry) => entry !== undefined);
  return kept.length === 0 ? undefined : kept;
}

function fittedObject(
  object: Readonly<Record<string, JsonValue>>,
  limits: PropertyLimits,
  budget: { room: number },
  depth: number,
): JsonValue | undefined {
  const kept: Record<string, JsonValue> = {};
  for (const [name, inner] of Object.entries(object)) {
    const fitting = isName(name, limits) ? fitted(inner, limits, budget, depth + 1) : undefined;
    if (fitting === undefined) continue;
    budget.room -= name.length + 4;
    kept[name] = fitting;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}
