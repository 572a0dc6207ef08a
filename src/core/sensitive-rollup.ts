/** How often sensitive data was taken out of one place of one kind of event. */
export interface SensitiveCell {
  readonly source: string;
  readonly event: string;
  /** Field, with the parameter's name where it was in an address: `page.url?email`, `items.name`, `properties`. */
  readonly where: string;
  /** Such as `email`; `blocked` for a field that the configuration takes out. */
  readonly kind: string;
  events: number;
}

/** Cells kept of one hour, those of most events: parameters of addresses have any name that a sender gives them. */
export const MAX_SENSITIVE_CELLS = 200;

/** Different cells that a tally holds. A sender who makes up names is counted together under `*` from here on. */
const MOST_HELD = 5_000;

/** Adds up what stories say was removed. Names among `properties` are somebody's own words, and are left out. */
export class SensitiveTally {
  readonly #cells = new Map<string, SensitiveCell>();

  /** Adds what was removed of one event, each place once: `page.url?email:email`, `properties.a.b:card`. */
  add(source: string, event: string, removed: readonly string[]): void {
    const found = new Map(removed.flatMap((entry) => placesIn(entry).map((it) => [JSON.stringify(it), it] as const)));
    for (const { kind, where } of found.values()) this.merge({ source, event, where, kind, events: 1 });
  }

  /** Adds a cell of another tally. */
  merge(cell: SensitiveCell): void {
    const isFull = this.#cells.size >= MOST_HELD && !this.#cells.has(keyOf(cell));
    const it = isFull ? { ...cell, where: cell.where.replace(/\?.*$/, "?*") } : cell;
    const kept = this.#cells.get(keyOf(it)) ?? { ...it, events: 0 };
    this.#cells.set(keyOf(it), kept);
    kept.events += cell.events;
  }

  /** The cells, those of most events first. */
  cells(): SensitiveCell[] {
    return [...this.#cells.values()].sort((a, b) => b.events - a.events);
  }
}

function keyOf({ event, kind, source, where }: SensitiveCell): string {
  return JSON.stringify([source, event, where, kind]);
}

const ENTRY = /^([a-z_]+(?:\.[a-z_]+)?)(\?[^:]*)?.*:([a-z_]+)$/;

/** Nothing for an entry that is none, as the "and 3 more" at the end of a long story. */
function placesIn(entry: string): { where: string; kind: string }[] {
  const [, field = "", parameter = "", kind = ""] = ENTRY.exec(entry) ?? [];
  if (field === "") return [];
  return [{ where: field.startsWith("properties") ? "properties" : `${field}${parameter}`, kind }];
}
