import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import type { Paint } from "./terminal.ts";

/** A value with every control character of its texts made visible: what a sender put into an id must not steer the terminal. */
export function readable<Value>(value: Value): Value {
  if (typeof value === "string") return withoutControls(value) as Value;
  if (Array.isArray(value)) return value.map((inner: unknown) => readable(inner)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [withoutControls(name), readable(inner)]),
  ) as Value;
}

function withoutControls(text: string): string {
  // Also what reorders a line on the screen: the bidirectional overrides and isolates.
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}

const NO_BORDERS = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`, `left-${side}`, `right-${side}`])
    .concat("middle")
    .map((name) => [name, ""]),
);
const NARROWEST = 24;

/** Rows under a head, columns two spaces apart. `columns` wraps the last one; without it lines are as long as they need. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint, columns }: { readonly paint: Paint; readonly columns?: number | undefined },
): string[] {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => shownLength(row[at] ?? ""))) + 2);
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width, 0);
  const isTooWide = columns !== undefined && before + (widths.at(-1) ?? 0) > columns;
  const last = isTooWide ? Math.max(NARROWEST, columns - before) : (widths.at(-1) ?? 0);
  const table = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    colWidths: [...widths.slice(0, -1), last],
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  table.push(
    head.map((title) => paint("dim", title)),
    ...rows.map((row) => [...row]),
  );
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
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
