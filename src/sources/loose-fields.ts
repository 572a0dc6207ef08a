import { isObject } from "../core/safe-json.ts";

/**
 * Readers for the SDK dialects, whose senders get no answer about a field: what cannot be read is absent, so that a
 * wrong birthday does not cost a purchase.
 */

/** Trimmed text of at most `max` characters, from text or a number; blank, null, longer and other kinds are absent. */
export function looseText(value: unknown, max = 8192): string | undefined {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== "string") return undefined;
  const trimmed = text.trim();
  return trimmed === "" || trimmed.length > max ? undefined : trimmed;
}

/** The object, or an empty one. */
export function looseObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

/** The first of these keys that holds text. */
export function firstText(from: Record<string, unknown>, keys: readonly string[], max?: number): string | undefined {
  for (const key of keys) {
    const text = looseText(from[key], max);
    if (text !== undefined) return text;
  }
  return undefined;
}
