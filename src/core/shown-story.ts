import type { EventStory } from "./delivery-record.ts";

/**
 * A story as it may be handed out. Keys of the graph are its own: others may sit at the device, and who has its keys could
 * ask for the rest of a stranger's.
 */
export function shownStory({ merge, ...story }: EventStory): EventStory {
  if (merge === undefined) return story;
  const { device_keys: _, ...shown } = merge;
  return { ...story, merge: shown };
}
