import { readJsonPattern } from "./log-json-pattern.ts";

/** Whether a log line fits. */
export type LineTest = (line: string) => boolean;

/**
 * Reads a filter pattern of CloudWatch Logs: nothing, terms (`a "b c" ?d -e`), or a JSON pattern (`{ $.a = "b" }`).
 * Throws, naming it, on a pattern of another kind.
 */
export function readFilterPattern(pattern: string): LineTest {
  const text = pattern.trim();
  if (text.startsWith("{")) return readJsonPattern(text);
  if (text.startsWith("[")) throw new Error("space-delimited patterns ([a, b]) do not run in the local stack");
  return readTerms(text);
}

interface Term {
  readonly sign: "" | "?" | "-";
  readonly text: string;
}

/** Every plain term must be there, one of those with `?`, and none with `-`. Case counts. */
function readTerms(text: string): LineTest {
  const terms: Term[] = [];
  let end = 0;
  for (const match of text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?:\s+|$)/gy)) {
    end = match.index + match[0].length;
    const [, sign = "", quoted, plain = ""] = match;
    if (quoted === undefined && /^%.*%$/.test(plain)) throw new Error(`${plain}: regular expressions do not run here`);
    if (quoted === undefined && !/^\w+$/.test(plain)) throw new Error(`${plain} must be in double quotes`);
    terms.push({ sign: sign as Term["sign"], text: quoted?.replace(/\\(.)/g, "$1") ?? plain });
  }
  if (end < text.length) throw new Error(`the terms cannot be read from ${text.slice(end)}`);
  const having = (sign: Term["sign"]) => terms.filter((term) => term.sign === sign).map((term) => term.text);
  const [needed, optional, unwanted] = [having(""), having("?"), having("-")];
  return (line) =>
    needed.every((term) => line.includes(term)) &&
    (optional.length === 0 || needed.length > 0 || optional.some((term) => line.includes(term))) &&
    !unwanted.some((term) => line.includes(term));
}
