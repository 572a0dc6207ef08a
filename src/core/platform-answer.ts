import { isObject, parseJson } from "./safe-json.ts";

/** The body when it is a JSON object, else undefined: platforms' edges answer with HTML, nothing, or half a document. */
export function jsonObject(body: string): Readonly<Record<string, unknown>> | undefined {
  const parsed = parseJson(body);
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
}

/** True for statuses that say "not now": too early, too many, timed out, or the platform's own fault. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
