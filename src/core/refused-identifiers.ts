import { personKeys } from "./person-keys.ts";

type PersonKeyRules = Parameters<typeof personKeys>[1];

/** Names under which senders put ids that look like nothing in particular, and cookies that hold them. */
const NAMES_AN_ID = /(id|key|user|customer|anonymous|fbp|_ga|sub|hash|sha256)$/i;
/** Short texts under other names are amounts, codes and words. */
const LONG_ENOUGH = 8;
/** Different values looked at of one event: quarantine keeps 32 KB of it. */
const MOST_VALUES = 4_000;

/**
 * Whether a refused event, as text, holds an identifier of somebody, given by the keys of the identity graph. It may be in
 * any dialect and broken in any way, so every value is taken for whatever it could be; a text that is no JSON is cut
 * where values could end.
 */
export function holdsIdentifierOf(keys: ReadonlySet<string>, texts: readonly string[], rules: PersonKeyRules): boolean {
  for (const text of texts) {
    const looked = new Set<string>();
    for (const value of valuesIn(text)) {
      if (looked.has(value)) continue;
      if (looked.size >= MOST_VALUES) break;
      looked.add(value);
      if (personKeys(value, rules).some((key) => keys.has(key))) return true;
    }
  }
  return false;
}

function* valuesIn(text: string): Generator<string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    for (const [value] of text.matchAll(/[^\s"'\\,;:=&<>{}[\]()]{3,320}/g)) yield decoded(value);
    return;
  }
  yield* leaves("", parsed);
}

/** Broken JSON may end inside of an address that is percent-encoded. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function* leaves(name: string, root: unknown): Generator<string> {
  const waiting: { name: string; value: unknown }[] = [{ name, value: root }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { name: field, value } = at;
    if (typeof value === "string") yield* leaf(field, value);
    else if (typeof value === "number") yield* leaf(field, String(value), NAMES_AN_ID.test(field));
    else if (Array.isArray(value)) waiting.push(...value.map((item: unknown) => ({ name: field, value: item })));
    else if (typeof value === "object" && value !== null) {
      waiting.push(...Object.entries(value).map(([key, item]: [string, unknown]) => ({ name: key, value: item })));
    }
  }
}

/** A long text is a page or a comment: what stands in it are words. */
function* leaf(name: string, value: string, isWanted = true): Generator<string> {
  if (!isWanted || value === "") return;
  if (value.length >= LONG_ENOUGH || NAMES_AN_ID.test(name)) yield value;
  if (/[\s?&=;,]/.test(value)) {
    for (const [word] of value.matchAll(/[^\s"'\\,;=&?<>{}[\]()]{5,320}/g)) yield decoded(word);
  }
}
