import type { DeliveryRecord, EventStory } from "./delivery-record.ts";

/**
 * A story that tells what became of an event, and not whose it was: without order, amount, person and device. It is kept
 * because a copy that comes late has to be known as one.
 */
export function forgottenStory(story: EventStory): EventStory {
  const { currency: _, merge, order_id: __, value: ___, ...kept } = story;
  const identity = { filled: [], learned: [] };
  if (merge === undefined) return { ...kept, identity };
  const { device_keys: ____, ...waited } = merge;
  return { ...kept, identity, merge: waited };
}

/** A receipt without the platform's words, which may quote what they were about. Its state and its counts stay. */
export function forgottenReceipt(record: DeliveryRecord): DeliveryRecord {
  const { reason: _, ...kept } = record;
  return { ...kept, attempts: record.attempts.map(({ reason: __, ...attempt }) => attempt) };
}

/** Whether there is nothing in a story to be taken out. */
export function isForgotten({ currency, identity, merge, order_id, value }: EventStory): boolean {
  const said = [currency, order_id, value, identity.person_id, merge?.device_keys];
  return said.every((it) => it === undefined) && identity.filled.length + identity.learned.length === 0;
}
