import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import type { Paint } from "../../src/pipeline/tone.ts";

/** A value with every control character of its texts made visible: what a sender put into an id must not steer the terminal. */
export function readable<Value>(value: Value): Value {
  if (typeof value === "string") return withoutControls(value) as Value;
  if (Array.isArray(value)) return value.map((inner: unknown) => readable(inner)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [withoutControls(name), readable(inner)]),
  ) as Value;
}

/** Control characters, and the bidirectional overrides, isolates and marks that reorder a line on the screen. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

function withoutControls(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}

/** A sentence for standard error; a line that an option's help breaks stays broken. */
export function readableLines(text: string): string {
  return text.split("\n").map(withoutControls).join("\n");
}

/** JSON for standard output. What a terminal would obey and JSON lets stand is escaped, and is the same to a parser. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(CONTROLS, (found) =>
    // The only ones that stand outside texts, and those that make its lines.
    found === "\n" ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const NO_BORDERS = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`, `left-${side}`, `right-${side}`])
    .concat("middle")
    .map((name) => [name, ""]),
);
/** Of the last column, which mostly holds words, and of the others. */
const NARROWEST = 24;
const NARROWEST_ID = 10;
const GAP = 2;

/**
 * Rows under a head, columns two spaces apart. With `columns` the last one wraps, and then the widest of the others,
 * between words as long as that is enough; an id that has to is broken and never cut. Without it lines are as long as
 * they need.
 */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint, columns }: { readonly paint: Paint; readonly columns?: number | undefined },
): string[] {
  const natural = head.map(
    (title, at) => Math.max(title.length, ...rows.map((row) => shownLength(row[at] ?? ""))) + GAP,
  );
  const words = head.map(
    (title, at) => Math.max(...[title, ...rows.map((row) => longestWord(row[at] ?? ""))].map(shownLength)) + GAP,
  );
  const widths = columns === undefined ? natural : fitted(natural, { head, words, columns });
  const table = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
    colWidths: widths,
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  table.push(
    head.map((title) => paint("dim", title)),
    ...rows.map((row) => row.map((cell, at) => broken(cell, (widths[at] ?? 0) - GAP))),
  );
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

interface Room {
  readonly head: readonly string[];
  /** Width of each column's longest word. */
  readonly words: readonly number[];
  readonly columns: number;
}

function fitted(natural: readonly number[], { head, words, columns }: Room): number[] {
  const widths = [...natural];
  const last = widths.length - 1;
  const narrowest = widths.map((width, at) =>
    Math.min(width, Math.max(head[at]?.length ?? 0, at === last ? NARROWEST : NARROWEST_ID) + GAP),
  );
  const tooMuch = () => widths.reduce((sum, width) => sum + width, 0) - columns;
  widths[last] = Math.max(narrowest[last] ?? 0, (widths[last] ?? 0) - Math.max(0, tooMuch()));
  const unbroken = narrowest.map((width, at) => Math.min(widths[at] ?? 0, Math.max(width, words[at] ?? 0)));
  for (const least of [unbroken, narrowest]) {
    while (tooMuch() > 0) {
      const slack = widths.map((width, at) => width - (least[at] ?? 0));
      const widest = slack.indexOf(Math.max(...slack));
      if ((slack[widest] ?? 0) <= 0) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
    }
  }
  return widths;
}

function longestWord(cell: string): string {
  return cell.split(/\s/).reduce((longest, word) => (shownLength(word) > shownLength(longest) ? word : longest), "");
}

/** Words that are longer than a line, over several. Painted texts are short. */
function broken(cell: string, width: number): string {
  if (shownLength(cell) !== cell.length || width < 1) return cell;
  const pieces = new RegExp(`\\S{${width}}(?=\\S)`, "gu");
  return cell.replace(pieces, "$&\n");
}

function shownLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** A moment as people compare them, in UTC to the second. */
export function shownTime(ms: number | undefined): string {
  return ms === undefined ? "" : `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** A length of time in its two largest units, such as `2 h 5 min`. */
export function shownDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return ms < 1000 ? `${Math.round(ms)} ms` : `${seconds} s`;
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** A share of 0 to 1 in percent, one decimal. */
export function shownShare(share: number | undefined): string {
  return share === undefined ? "" : `${(share * 100).toFixed(1)} %`;
}

/** A number and its noun, in the plural where it has to be. */
export function counted(n: number, noun: string): string {
  return `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
}
