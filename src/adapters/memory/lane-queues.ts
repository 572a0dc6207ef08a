import type { LaneMessage } from "../../core/queue-messages.ts";
import type { LaneQueueMessage, LaneQueues } from "../../pipeline/ports.ts";
import { LANE_MESSAGE_BYTES } from "../sqs-text.ts";

/** The lanes' queues in memory, for tests and simulation. */
export interface MemoryLaneQueues extends LaneQueues {
  /** What one lane holds, oldest first. */
  messages(lane: string): LaneMessage[];
  /** The groups of what one lane holds, in the same order. */
  groups(lane: string): string[];
  /** For how long each message of a lane is hidden at first, seconds, in the same order. */
  delays(lane: string): number[];
}

/** Queues of these lanes; a lane that does not exist refuses like a queue that was deleted. */
export function createMemoryLaneQueues(lanes: readonly string[]): MemoryLaneQueues {
  const held = new Map<string, LaneQueueMessage[]>(lanes.map((lane) => [lane, []]));
  let sent = 0;
  return {
    async send(lane, added) {
      const queue = held.get(lane);
      return added.map(({ body, delaySeconds = 0, group }) => {
        if (queue === undefined) return { sent: false, reason: "QueueDoesNotExist" };
        if (Buffer.byteLength(body) > LANE_MESSAGE_BYTES) return { sent: false, reason: "MessageTooLong" };
        queue.push({ body, delaySeconds, group });
        sent += 1;
        return { sent: true, messageId: `memory-${sent}` };
      });
    },
    messages: (lane) => (held.get(lane) ?? []).map(({ body }) => JSON.parse(body) as LaneMessage),
    groups: (lane) => (held.get(lane) ?? []).map(({ group }) => group),
    delays: (lane) => (held.get(lane) ?? []).map(({ delaySeconds = 0 }) => delaySeconds),
  };
}
