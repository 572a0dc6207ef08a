import { randomUUID } from "node:crypto";

/** Where a prefix is used: only an error prefix may hold the error's type, and only it must. */
export type PrefixKind = "prefix" | "error prefix";

type Part = (atMs: number) => string;

/** Letters of Java's DateTimeFormatter that Firehose's prefixes are written with, in UTC. */
const FIELDS: Readonly<Record<string, (at: Date) => number>> = {
  y: (at) => at.getUTCFullYear(),
  u: (at) => at.getUTCFullYear(),
  M: (at) => at.getUTCMonth() + 1,
  d: (at) => at.getUTCDate(),
  H: (at) => at.getUTCHours(),
  m: (at) => at.getUTCMinutes(),
  s: (at) => at.getUTCSeconds(),
};

const EXPRESSION = /!\{([^}]*)\}/g;
const DEFAULT_PATTERN = "yyyy/MM/dd/HH/";

/**
 * Reads a prefix with `!{namespace:value}` expressions; throws on one that Firehose or this stack does not know. A
 * prefix without any gets the hour appended, as Firehose does it.
 */
export function readPrefix(text: string, kind: PrefixKind): Part {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(EXPRESSION)) {
    const before = text.slice(end, match.index);
    parts.push(() => before, readExpression(match[1] ?? "", kind));
    end = match.index + match[0].length;
  }
  const rest = text.slice(end);
  parts.push(() => rest);
  if (end === 0 && kind === "prefix") parts.push((atMs) => formatTime(DEFAULT_PATTERN, atMs));
  return (atMs) => parts.map((part) => part(atMs)).join("");
}

function readExpression(expression: string, kind: PrefixKind): Part {
  const [, namespace = expression, value = ""] = /^([^:]*):(.*)$/s.exec(expression) ?? [];
  if (namespace === "timestamp") {
    formatTime(value, 0);
    return (atMs) => formatTime(value, atMs);
  }
  if (expression === "firehose:random-string") return () => randomUUID().replaceAll("-", "").slice(0, 11);
  if (expression === "firehose:error-output-type" && kind === "error prefix") return () => "processing-failed";
  throw new Error(`the expression !{${expression}} is not supported in a ${kind}`);
}

/** Whether a prefix holds expressions: then Firehose wants an error prefix, too. */
export function hasExpressions(prefix: string): boolean {
  return prefix.search(EXPRESSION) >= 0;
}

/** Writes an instant by a pattern of Java's DateTimeFormatter; throws on a letter that is not known here. */
export function formatTime(pattern: string, atMs: number): string {
  const at = new Date(atMs);
  return pattern.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (run, quoted: string | undefined, letter: string) => {
    if (quoted !== undefined) return quoted === "" ? "'" : quoted.replaceAll("''", "'");
    const field = FIELDS[letter];
    if (field === undefined) throw new Error(`the letters ${run} of a timestamp pattern are not supported`);
    const digits = String(field(at)).padStart(run.length, "0");
    // Two letters of a year are its last two digits.
    return (letter === "y" || letter === "u") && run.length === 2 ? digits.slice(-2) : digits;
  });
}

/** What follows the prefix: stream, version 1, the time of the oldest record, a UUID, the extension. */
export function objectName(streamName: string, atMs: number, extension: string): string {
  return `${streamName}-1-${formatTime("yyyy-MM-dd-HH-mm-ss", atMs)}-${randomUUID()}${extension}`;
}
