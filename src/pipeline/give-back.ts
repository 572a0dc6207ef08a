import { earlyReturnSeconds } from "../core/give-back.ts";
import type { OwnLaneQueue } from "./ports.ts";
import type { QueuedRecord } from "./queued-record.ts";

/** One message of the events queue with what it takes to hide it. */
export interface ReceivedRecord extends QueuedRecord {
  readonly receiptHandle: string;
  /** How often it was received, this time included. */
  readonly receiveCount: number;
}

/**
 * Has the records that a batch gives back received again soon. A person's group stays closed as long as one of its
 * messages is hidden, so the first that failed decides for all behind it: one that was received less often would come
 * no sooner alone, and one that was received more often would hold up its own predecessors.
 *
 * Best effort: whatever is not hidden anew comes back when the queue's own visibility timeout ends, and in order, since
 * the queue hands out nothing of a group while any of it is hidden.
 */
export async function giveBackSoon(
  records: readonly ReceivedRecord[],
  failedIds: readonly string[],
  queue: Pick<OwnLaneQueue, "postpone">,
): Promise<void> {
  const failed = new Set(failedIds);
  const groups = Map.groupBy(
    records.filter(({ messageId }) => failed.has(messageId)),
    ({ groupId }) => groupId,
  );
  const entries = [...groups.values()].flatMap((group) => {
    const seconds = earlyReturnSeconds(group[0]?.receiveCount ?? 0);
    return seconds === undefined ? [] : group.map(({ receiptHandle }) => ({ receiptHandle, seconds }));
  });
  if (entries.length > 0) await queue.postpone(entries);
}
