import { isObject, parseJson } from "./safe-json.ts";

/** A text of a refused event whose field says that it is somebody's: a person's name or contact, or a browser's id. */
export interface RawIdentifier {
  readonly text: string;
  readonly claims: "person" | "device";
}

/** Longer than any identifier: an e-mail address ends at 320. */
const LONGEST = 320;

/** Fields of all dialects that say who it was. */
const NAMING =
  /^(user_?id|customer_?id|external_?id|account_?id|e?-?mail(_?address|_?sha256)?|phone(_?number|_?sha256)?)$/i;
/** And those that say at which browser or device. */
const DEVICE = /^(anonymous_?id|visitor_?id|_?fbp|ga_?client_?id|client_?id|_ga)$/i;

/**
 * What a refused event says of whose it is, by the names of its fields, in any dialect. Of one that is no JSON (only its
 * first 32 KB are kept) the pairs of names and texts are read that stand in it.
 */
export function rawIdentifiers(raw: string): RawIdentifier[] {
  const parsed = parseJson(raw);
  return (parsed.ok ? leavesOf(parsed.value) : pairsIn(raw)).flatMap(({ name, text }): RawIdentifier[] => {
    const trimmed = text.trim();
    if (trimmed === "" || trimmed.length > LONGEST) return [];
    if (NAMING.test(name)) return [{ text: trimmed, claims: "person" }];
    return DEVICE.test(name) ? [{ text: trimmed, claims: "device" }] : [];
  });
}

interface Leaf {
  readonly name: string;
  readonly text: string;
}

function leavesOf(root: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  // No recursion: what was refused may be nested however deep.
  const open: { readonly name: string; readonly value: unknown }[] = [{ name: "", value: root }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { name, value } = item;
    if (Array.isArray(value)) for (const entry of value) open.push({ name, value: entry });
    else if (isObject(value)) for (const [key, entry] of Object.entries(value)) open.push({ name: key, value: entry });
    else if (typeof value === "string" || typeof value === "number") leaves.push({ name, text: String(value) });
  }
  return leaves;
}

function pairsIn(raw: string): Leaf[] {
  return [...raw.matchAll(/"(\w+)"\s*:\s*("(?:[^"\\]|\\.)*")/g)].flatMap(([, name = "", quoted = ""]) => {
    const text = parseJson(quoted);
    return text.ok && typeof text.value === "string" ? [{ name, text: text.value }] : [];
  });
}
