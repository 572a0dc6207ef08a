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
