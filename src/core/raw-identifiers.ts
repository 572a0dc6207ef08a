import { isObject, parseJson } from "./safe-json.ts";

/** A text of a refused event that may be somebody's identifier, and whether its place says that it is one. */
export interface RawIdentifier {
  readonly text: string;
  /** What the name of its field claims; `contact` is tried anywhere, the others only where a name says so. */
  readonly claims: "name" | "device" | "contact";
}

/** Longer than any identifier: an e-mail address ends at 320. */
const LONGEST = 320;

/** Fields of all dialects that say who it was. */
const NAMING =
  /^(user_?id|customer_?id|external_?id|account_?id|e?-?mail(_?address|_?sha256)?|phone(_?number|_?sha256)?)$/i;
/** And those that say at which browser or device. */
const DEVICE = /^(anonymous_?id|visitor_?id|_?fbp|ga_?client_?id|client_?id|_ga)$/i;

/**
 * Texts of a refused event by which it can be told whose it is. What cannot be read as JSON (only its first 32 KB are
 * kept) is searched for quoted texts, whose names are unknown.
 */
export function rawIdentifiers(raw: string): RawIdentifier[] {
  const parsed = parseJson(raw);
  if (!parsed.ok) return quotedTexts(raw).map((text) => ({ text, claims: "contact" }));
  const found: RawIdentifier[] = [];
  // No recursion: what was refused may be nested however deep.
  const open: { readonly name: string; readonly value: unknown }[] = [{ name: "", value: parsed.value }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { name, value } = item;
    if (Array.isArray(value)) for (const entry of value) open.push({ name, value: entry });
    else if (isObject(value)) for (const [key, entry] of Object.entries(value)) open.push({ name: key, value: entry });
    else if (typeof value === "string" || typeof value === "number") {
      const text = String(value).trim();
      if (text !== "" && text.length <= LONGEST) found.push({ text, claims: claimOf(name) });
    }
  }
  return found;
}

function claimOf(name: string): RawIdentifier["claims"] {
  if (NAMING.test(name)) return "name";
  return DEVICE.test(name) ? "device" : "contact";
}

function quotedTexts(raw: string): string[] {
  return [...raw.matchAll(/"((?:[^"\\]|\\.)*)"/g)].flatMap(([, inner = ""]) => {
    const text = parseJson(`"${inner}"`);
    return text.ok && typeof text.value === "string" && text.value.length <= LONGEST ? [text.value] : [];
  });
}
