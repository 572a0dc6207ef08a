import type { Item } from "./event.ts";

/** Whether the line says which product it is, for platforms that know products by id only. */
export function hasId(item: Item): item is Item & { id: string } {
  return item.id !== undefined && item.id.trim() !== "";
}

/** How many pieces, for platforms that take integers only: goods sold by weight count as one piece. */
export function wholeQuantity({ quantity = 1 }: Item): number {
  return Number.isInteger(quantity) && quantity > 0 ? quantity : 1;
}

/** How many pieces there are in all; undefined without lines, which says nothing of the number. */
export function piecesIn(items: readonly Item[]): number | undefined {
  return items.length === 0 ? undefined : items.reduce((sum, item) => sum + wholeQuantity(item), 0);
}

/**
 * The lines that fit into so many bytes of JSON, from the first on: platforms refuse a whole event over its size. So many
 * as `surelyFit` are not measured.
 */
export function linesWithin<Line>(lines: readonly Line[], bytes: number, surelyFit: number): readonly Line[] {
  if (lines.length <= surelyFit) return lines;
  let room = bytes;
  return lines.filter((line) => {
    room -= Buffer.byteLength(JSON.stringify(line));
    return room >= 0;
  });
}
