import type { Item } from "./event.ts";

/** Whether the line says which product it is, for platforms that know products by id only. */
export function hasId(item: Item): item is Item & { id: string } {
  return item.id !== undefined && item.id !== "";
}

/** How many pieces, for platforms that take integers only: goods sold by weight count as one piece. */
export function wholeQuantity({ quantity = 1 }: Item): number {
  return Number.isInteger(quantity) && quantity > 0 ? quantity : 1;
}
