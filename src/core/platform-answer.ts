import { isObject, parseJson } from "./safe-json.ts";

/** Longest piece of a platform's words that is kept with a receipt. */
const LONGEST = 300;

/**
 * A platform's words as they may be stored and shown: one line, cut, and without what platforms like to echo, which is
 * e-mail addresses, phone numbers, and long runs that are tokens or hashes.
 */
export function platformWords(text: string): string {
  const safe = text
    .replace(/[\s\p{Cc}]+/gu, " ")
    .replace(/[^\s"'<>:,]+@[^\s"'<>,]+/g, "[address]")
    .replace(/\+\d[\d ().-]{6,}\d/g, "[number]")
    .replace(/[\w-]{40,}/g, "[secret]")
    .trim();
  return safe.length <= LONGEST ? safe : `${[...safe].slice(0, LONGEST - 1).join("")}…`;
}

/** The body when it is a JSON object, else undefined: platforms' edges answer with HTML, nothing, or half a document. */
export function jsonObject(body: string): Readonly<Record<string, unknown>> | undefined {
  const parsed = parseJson(body);
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
}

/** True for statuses that say "not now": too early, too many, timed out, or the platform's own fault. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
