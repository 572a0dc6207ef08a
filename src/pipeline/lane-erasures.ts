import type { ReadMessage } from "./lane.ts";
import { type LaneScope, putOff } from "./put-off.ts";

/**
 * Marks the events of people who were erased since they came: they go nowhere any more. Where that cannot be found out
 * nothing is sent, for what has left cannot be taken back.
 */
export async function withErasures(reads: readonly ReadMessage[], scope: LaneScope): Promise<ReadMessage[]> {
  const { erasures } = scope.deps;
  if (erasures === undefined) return [...reads];
  try {
    const erased = await erasures.among(reads, ({ body }) => body.event);
    return reads.map((read) => (erased.has(read) ? { ...read, isErased: true } : read));
  } catch (error) {
    putOff(reads, { said: "erasures could not be read; nothing was sent", error }, scope);
    return [];
  }
}
